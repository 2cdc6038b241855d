import AWSAuth
import AWSClients
import AWSOperations
import ArgumentParser
import BursarConsole
import BursarModel
import Deployment
import Reports

struct ListDenies: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "denies",
        abstract: "List the policies that end sessions, as they are on the roles.",
        discussion: """
            `over`: all sessions that it denies have ended by themselves; the next
            `sessions end` removes it. `foreign`: it has such a name, and was not written
            by this program.

            Examples:
              admin sessions denies
              admin sessions denies --role-arn arn:aws:iam::123456789012:role/bedrock
            """
    )

    @OptionGroup var shared: SharedOptions
    @OptionGroup(title: "Which roles") var sessionRoles: SessionRoles
    @OptionGroup(title: "AWS") var aws: AWSOptions
    @Option(help: "table, json or csv.")
    var format = ListFormat.table

    func run() async throws {
        try await shared.runWaiting { context in
            let roles = try sessionRoles.roles(SessionSettings(context), on: context.terminal)
            let rows = try await context.inAWS(aws) { account in
                let (clock, identity) = try await account.sts().compareClocks()
                var rows: [Row] = []
                for name in roles {
                    try name.check(identity)
                    let role = try await RoleDenies(of: name, in: account)
                    rows += role.ends.map { end in
                        let isOver = end.isOutdated(at: clock.cutoff(after: account.now()))
                        return Row(
                            role: name.name,
                            policy: end.policyName,
                            researcher: end.handle.description,
                            sessions: end.cuts.contains(where: \.isOfAll)
                                ? "all" : end.cuts.last.map { String($0.scope.dropFirst(2)) },
                            before: Timestamp.string(end.before),
                            state: isOver ? "over" : "denies",
                            size: role.size(of: end)
                        )
                    }
                    rows += role.foreign.map { Row(role: name.name, policy: $0, state: "foreign") }
                }
                return rows
            }
            try RowOutput(rows: rows, whenEmpty: "no sessions are denied").print(as: format, on: context.terminal)
        }
    }

    private struct Row: TableRow {
        static let columns: [Table.Column] = [
            .init("role"), .init("policy"), .init("researcher"), .init("sessions"), .init("issued before"),
            .init("state"),
            .init("characters"),
        ]

        let role: String
        let policy: String
        var researcher: String?
        /// `all`, or the keys whose sessions they are.
        var sessions: String?
        var before: String?
        let state: String
        var size: Int?

        var cells: [String] {
            [role, policy, researcher ?? "", sessions ?? "", before ?? "", state, size.map { String($0) } ?? ""]
        }
    }
}
