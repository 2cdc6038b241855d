import AWSAuth
import AWSClients
import AWSOperations
import ArgumentParser
import BursarConsole
import BursarModel
import Deployment
import ServerSettings
import Storage
import Vending

struct EndSessions: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "end",
        abstract: "End a researcher's live AWS sessions: a deny on the role, and new ones from then on.",
        discussion: """
            The server drops the sessions it has first, whatever AWS says and whatever the
            roles in the settings are like; requests to STS that are under way are waited
            out (about 15 s, in which the researcher gets no credentials); then a policy
            on the role denies all that was issued before: `bursar-end-HANDLE`. It names
            the sessions: HANDLE, and HANDLE+KEYID for each key that vended in the last
            12 h 15 min. A role has room for about 40 researchers with one such key, for
            24 where SourceIdentity is set. Policies whose sessions are all over are
            removed on the way. Stopped or failed, it goes on when it is run again.

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
    @Argument(help: "The researcher's handle.", completion: .handles)
    var handle: String
    @Flag(help: "Put nothing into AWS; print the policy for an operator who may.")
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
        try await shared.runWaiting(onFaultySettings: .reportedAtTheEnd) { context in
            let store = try context.store()
            let known = try store.knownResearcher(handle, at: context.now)
            let handle = known.researcher.handle
            let settings = SessionSettings(context)
            // An operator can retype an option at once; a fault in the settings must not hold up the server's part.
            try sessionRoles.checkTyped()
            let found = Result { () throws(UserFacingError) in
                try sessionRoles.roles(settings, on: context.terminal)
            }
            settings.noteAssumptions(on: context)
            let target = SessionEnding.Target(handle: handle, keys: nil)
            let roles = (try? found.get()) ?? []
            let ending = SessionEnding([target], on: roles, context, store, settings, aws)
            guard !dryRun else {
                _ = try found.get()
                return try await report(ending, handle, on: context)
            }
            let place = roles.isEmpty || print ? "" : ", by a policy on \(roles.map(\.name).joined(separator: ", "))"
            try Confirmation(isGiven: yes).ask("end all live sessions of \(handle)\(place)?")
            let handover = SessionEnding.Handover([handle], sessionRoles, settings, context)
            try await StopSignals.cancelling { [print, profile = aws.awsProfile] in
                let dropped = try await Self.dropped(ending)
                do {
                    if try found.get().isEmpty {
                        context.terminal.note("the server simulates credentials, which AWS doesn't know")
                        try await ending.waitForRequests()
                    } else if print {
                        try Self.print(dropped, ending)
                    } else {
                        try await ending.deny(dropped)
                    }
                } catch {
                    throw SessionEnding.remaining(
                        "the server hands the old sessions out no more, but AWS may still take them",
                        subject: "\(handle)'s sessions",
                        until: dropped.liveUntil,
                        error,
                        handover,
                        on: context,
                        profile: profile
                    )
                }
            }
            guard known.activeKeys > 0 else { return }
            context.terminal.note(
                "their keys get new sessions as before; admin researchers disable \(handle) stops that"
            )
        }
    }

    private static func dropped(_ ending: SessionEnding) async throws -> SessionEnding.Dropped {
        do {
            return try await ending.drop()
        } catch is CancellationError {
            throw UserFacingError("stopped; nothing was changed")
        }
    }

    /// Prints the planned changes, as far as the operator's permissions show them.
    private func report(_ ending: SessionEnding, _ handle: Handle, on context: AdminContext) async throws {
        if !ending.roles.isEmpty, !print {
            try await context.inAWS(aws) { account in
                let (clock, identity) = try await account.sts().compareClocks()
                account.report(identity)
                for role in ending.roles { try role.check(identity) }
                for role in try await ending.read(in: account, by: clock) {
                    let outdated = role.outdated(at: clock.cutoff(after: context.now), except: handle)
                    context.terminal.note(
                        "role \(role.role.name): \(SessionRevocationPolicy.prefix)\(handle) would be put, "
                            + "and \(outdated.count) outdated removed"
                    )
                }
            }
        }
        context.terminal.note("nothing was changed: this was a dry run")
    }

    /// Prints the policies for an operator with the permission to put them; printing needs none.
    ///
    /// Each denies sessions issued before a moment that lies after all STS requests that may be in progress.
    private static func print(_ dropped: SessionEnding.Dropped, _ ending: SessionEnding) throws {
        let terminal = ending.context.terminal
        if dropped.contact == nil {
            terminal.note("AWS's clock can't be asked: this machine's is taken to be right to 5 s (date -u)")
        }
        for ended in dropped.ended {
            try terminal.print(try ended.end.document.pretty())
            terminal.note("AWS still takes the sessions. With this in end-\(ended.end.handle).json, an operator with")
            terminal.note("iam:PutRolePolicy ends them, and replaces what \(ended.end.policyName) has said:")
            for role in ending.roles {
                terminal.note(
                    "  aws iam put-role-policy --role-name \(role.name) --policy-name \(ended.end.policyName) "
                        + "--policy-document file://end-\(ended.end.handle).json"
                )
            }
        }
    }
}
