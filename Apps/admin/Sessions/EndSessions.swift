import AWSAuth
import ArgumentParser
import BursarCore
import Console
import ServerSettings
import Storage
import Vending

struct EndSessions: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "end",
        abstract: "End a researcher's live AWS sessions: a deny on the role, and new ones from then on.",
        discussion: """
            The server drops the sessions it has; requests to STS that are under way are
            waited out (about 15 s, in which the researcher gets no credentials); then a
            policy on the role denies all that was issued before: `bursar-end-HANDLE`.
            Policies whose sessions are all over are removed on the way. Stopped or failed,
            it goes on when it is run again.

            Their keys go on, and get new sessions; `keys revoke --end-sessions` and
            `researchers disable` stop those.

            Without rights in IAM: --print does the same in the server, and prints the
            policy and the command for somebody who has them.

            Examples:
              admin sessions end ada
              admin sessions end ada --dry-run
              admin sessions end ada --print --yes > end-ada.json
            """
    )

    @OptionGroup var shared: SharedOptions
    @Argument(help: "The researcher's handle.")
    var handle: String
    @Flag(help: "Put nothing into AWS; print the policy for somebody who may.")
    var print = false
    @Flag(help: "Say what would be done, and change nothing.")
    var dryRun = false
    @Flag(help: "Don't ask.")
    var yes = false
    @OptionGroup(title: "Which roles") var sessionRoles: SessionRoles
    @OptionGroup(title: "AWS") var aws: AWSOptions

    func validate() throws {
        guard !print || !dryRun else { throw ValidationError("--print and --dry-run can't both be meant") }
    }

    func run() async throws {
        try await shared.runWaiting { desk in
            let store = try desk.store()
            let known = try store.knownResearcher(handle, at: desk.now)
            let target = SessionEnding.Target(handle: known.researcher.handle, keys: nil)
            let view = try ServerView(desk)
            let roles = try sessionRoles.roles(view)
            view.tellAssumptions(on: desk.terminal)
            try await desk.inAWS(aws) { account in
                if roles.isEmpty {
                    desk.terminal.note("the server simulates credentials, which AWS doesn't know")
                    try await inServerOnly(desk, store, target, view, .unasked)
                } else if print {
                    let clock = await Self.clock(account)
                    let ended = try await inServerOnly(desk, store, target, view, clock)
                    try Self.print(ended, for: roles, on: desk)
                } else {
                    try await inAWS(desk, store, target, view, roles, account)
                }
            }
            guard !dryRun, known.activeKeys > 0, known.state(at: desk.now) == .active else { return }
            desk.terminal.note(
                "their keys get new sessions as before; admin researchers disable \(target.handle) stops that"
            )
        }
    }

    private func inAWS(
        _ desk: Desk,
        _ store: Store,
        _ target: SessionEnding.Target,
        _ view: ServerView,
        _ roles: [RoleName],
        _ account: AWSAccount
    ) async throws {
        let ending = try await SessionEnding(desk, store, view, on: roles, in: account)
        let denies = try await ending.read(roles, for: [target], in: account)
        if dryRun {
            for role in denies {
                let outdated = role.outdated(at: ending.clock.cutoff(after: desk.now), except: target.handle)
                desk.terminal.note(
                    "role \(role.role.name): \(SessionEnd.prefix)\(target.handle) would be put, "
                        + "and \(outdated.count) outdated removed"
                )
            }
            return desk.terminal.note("nothing was changed: this was a dry run")
        }
        let names = roles.map(\.name).joined(separator: ", ")
        try Confirmation(isGiven: yes).ask("end all live sessions of \(target.handle), by a policy on \(names)?")
        try await ending.run([target], on: roles, in: account)
    }

    @discardableResult
    private func inServerOnly(
        _ desk: Desk,
        _ store: Store,
        _ target: SessionEnding.Target,
        _ view: ServerView,
        _ clock: ClockComparison
    ) async throws -> [SessionEnding.Ended] {
        guard !dryRun else {
            desk.terminal.note("nothing was changed: this was a dry run")
            return []
        }
        try Confirmation(isGiven: yes).ask("have the server drop all sessions of \(target.handle)?")
        let ending = SessionEnding(
            desk: desk,
            store: store,
            clock: clock,
            setsSourceIdentity: view.role.setsSourceIdentity
        )
        return try await Signals.asWish { try await ending.end([target], $0) }
    }

    /// AWS's clock where it can be asked; this machine's is good enough where nobody has credentials for that.
    private static func clock(_ account: AWSAccount) async -> ClockComparison {
        if let (clock, _) = try? await account.sts().compareClocks() { return clock }
        account.terminal.note("AWS's clock can't be asked: this machine's is taken to be right to 5 s (date -u)")
        return .unasked
    }

    private static func print(_ ended: [SessionEnding.Ended], for roles: [RoleName], on desk: Desk) throws {
        for ended in ended {
            try desk.terminal.print(try ended.end.document.pretty())
            desk.terminal.note("AWS still takes the sessions. With this in end-\(ended.end.handle).json, somebody with")
            desk.terminal.note("iam:PutRolePolicy ends them, and replaces what \(ended.end.policyName) has said:")
            for role in roles {
                desk.terminal.note(
                    "  aws iam put-role-policy --role-name \(role.name) --policy-name \(ended.end.policyName) "
                        + "--policy-document file://end-\(ended.end.handle).json"
                )
            }
        }
    }
}

extension AWSAccount {
    /// Says as whom the command acts.
    func tell(_ identity: CallerIdentity) {
        terminal.note("acting as \(identity.arn), account \(identity.account), region \(region)")
    }
}
