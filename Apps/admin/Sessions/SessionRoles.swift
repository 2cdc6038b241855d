import AWSAuth
import AWSClients
import ArgumentParser
import BursarConsole
import Deployment
import ServerSettings

/// The roles of researchers' sessions.
struct SessionRoles: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A role that sessions are of, beside those of the settings (BURSAR_ROLE_ARN, BURSAR_ROLE_PROJECTS).",
            valueName: "arn"
        )
    )
    var roleArn: [String] = []

    /// - Throws: ``UserFacingError`` for a value of `--role-arn` that is no role.
    func checkTyped() throws(UserFacingError) {
        for arn in roleArn { _ = try RoleName(arn, .option("--role-arn")) }
    }

    /// Returns all of them: a key may have been of another project when a session was issued.
    ///
    /// Empty where the server simulates credentials, which AWS doesn't know. Roles in the settings that are unreadable
    /// are a warning for an operator who names roles.
    func roles(_ settings: SessionSettings, on terminal: Terminal) throws(UserFacingError) -> [RoleName] {
        var roles = settings.roles
        for arn in roleArn where !roles.contains(where: { $0.arn == arn }) {
            roles.append(try RoleName(arn, .option("--role-arn")))
        }
        let hint = "--role-arn ARN names the role, whatever the settings say"
        if let fault = settings.roleFaults.first {
            guard !roleArn.isEmpty else { throw UserFacingError(fault.problem, hint: fault.hint ?? hint) }
            for fault in settings.roleFaults {
                terminal.warn(UserFacingError("a role may be lacking: \(fault.problem)", hint: fault.hint))
            }
        }
        guard !roles.isEmpty || settings.isSimulated else {
            throw UserFacingError(
                "no role is known whose sessions these are",
                hint: "--role-arn ARN, or the server's settings: \(Setting.roleARN.environmentName)"
            )
        }
        return roles
    }

    /// The options that name the roles of `sessions end`, for a follow-up command.
    ///
    /// `refused` is a role that AWS doesn't have, so that it isn't named again.
    func typedAgain(
        _ settings: SessionSettings,
        without refused: RoleName? = nil
    ) -> (options: String, lacksRole: Bool) {
        var roles = roleArn.filter { arn in arn != refused?.arn && (try? RoleName(arn, .option("--role-arn"))) != nil }
        // With a role named, faulty settings are skipped, so the readable ones are named.
        if roles.isEmpty, !settings.roleFaults.isEmpty { roles = settings.roles.map(\.arn) }
        let isKnown = !roles.isEmpty || settings.roleFaults.isEmpty && (!settings.roles.isEmpty || settings.isSimulated)
        guard isKnown else { return (" --role-arn ROLE", true) }
        return (roles.map { " --role-arn \(ShellWord.quoted($0))" }.joined(), false)
    }
}

/// The server's settings for researchers' sessions.
///
/// Each is read by itself: neither a malformed rate nor an unknown region may prevent a revocation.
struct SessionSettings {
    /// The readable roles.
    let roles: [RoleName]
    /// The faults of the others.
    let roleFaults: [UserFacingError]
    /// True if the server vends simulated credentials and never calls AWS.
    let isSimulated: Bool
    /// True if sessions are named for their keys; false where unknown, so that more of them are revoked.
    let namesKeys: Bool
    /// True if sessions carry their key's id; false where unknown, so that all of a researcher's sessions are revoked.
    let tagsSessions: Bool
    /// True if policies have to match SourceIdentity; true where unknown, since they then deny more.
    let setsSourceIdentity: Bool
    /// The remaining faults of the settings, where no other message covers them.
    private let incompleteness: UserFacingError?

    init(_ context: AdminContext) {
        let reader = context.reader
        var roles: [RoleName] = []
        var faults: [UserFacingError] = []
        func add(_ arn: String, _ setting: Setting) {
            do throws(UserFacingError) {
                let role = try RoleName(arn, .elsewhere(reader.name(of: setting)))
                if !roles.contains(where: { $0.arn == role.arn }) { roles.append(role) }
            } catch {
                faults.append(error)
            }
        }
        if let arn = reader.text(.roleARN) { add(arn, .roleARN) }
        do throws(UserFacingError) {
            for entry in try reader.entries(.roleProjects) ?? [] {
                let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                add(parts.count == 2 ? String(parts[1]) : entry, .roleProjects)
            }
        } catch {
            faults.append(error)
        }
        for setting in [Setting.roleARN, .roleProjects] {
            guard let fault = context.fault(hiding: setting), !faults.contains(fault) else { continue }
            faults.append(fault)
        }
        self.roles = roles
        roleFaults = faults
        isSimulated = reader.text(.issuer) == "simulated"
        namesKeys = (try? Settings.sessionName(reader)) == .handleAndKey
        tagsSessions = (try? reader.flag(.sessionTags)) ?? false
        setsSourceIdentity = (try? reader.flag(.sourceIdentity)) ?? true
        do throws(UserFacingError) {
            _ = try context.settings()
            incompleteness = nil
        } catch {
            incompleteness = error
        }
    }

    /// Notes unreadable settings, where roles depend on them.
    func noteAssumptions(on context: AdminContext) {
        guard let incompleteness, !isSimulated, !context.hasFaultySettings else { return }
        context.terminal.note("assumed: the server's settings are not complete here: \(incompleteness.problem)")
    }
}

extension RoleName {
    /// - Throws: ``UserFacingError`` when the operator acts in another account than the role's.
    func check(_ identity: CallerIdentity) throws(UserFacingError) {
        guard account == identity.account else {
            throw UserFacingError(
                "role \(name) is in account \(account), and you act in \(identity.account)",
                hint: "--aws-profile with one of \(account), or have an operator there put what --print shows"
            )
        }
    }
}
