import AWSAuth
import AWSClients
import AWSOperations
import ArgumentParser
import BursarConsole
import BursarModel
import Reports

struct ListIAMUsers: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the IAM users that were made for business units.",
        discussion: """
            Those whose name and tags say so. Of the ids of keys 12 characters are
            shown.

            Examples:
              admin iam list
              admin iam list --format csv --aws-profile prod
            """
    )

    @OptionGroup(title: "AWS") var aws: AWSOptions
    @Option(help: "table, json or csv.")
    var format = ListFormat.table

    func run() async throws {
        try await aws.run { account in
            var rows: [Row] = []
            for user in try await account.users() {
                let keys = try await account.iam.accessKeys(user: user.name)
                rows.append(
                    Row(
                        user: user.name,
                        businessUnit: user.unit.description,
                        owner: user.owner,
                        createdBy: user.value(.createdBy),
                        keys: keys.map { MaskedKeyID($0.id).description },
                        oldestKey: keys.first.map { Timestamp.string($0.created) }
                    )
                )
            }
            try RowOutput(rows: rows, whenEmpty: "no such users: admin iam create BUSINESS-UNIT --owner E-MAIL")
                .print(as: format, on: account.terminal)
        }
    }

    private struct Row: TableRow {
        static let columns: [Table.Column] = [
            .init("user"), .init("business unit"), .init("owner"), .init("keys"), .init("oldest key"),
        ]

        let user: String
        let businessUnit: String
        let owner: String?
        let createdBy: String?
        let keys: [String]
        let oldestKey: String?

        var cells: [String] {
            [user, businessUnit, owner ?? "", keys.joined(separator: " "), oldestKey ?? ""]
        }
    }
}
