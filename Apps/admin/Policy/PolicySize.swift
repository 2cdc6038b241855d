import AWSAuth
import AWSClients
import ArgumentParser
import BursarConsole
import ServerSettings

/// Prints the size of a document, and refuses one above IAM's limit.
struct PolicySize {
    private let size: Int

    init(_ document: PolicyDocument) throws {
        size = try document.size()
    }

    func checkPermissions(_ terminal: Terminal) throws(UserFacingError) {
        guard size <= PolicyLimit.inline else {
            throw UserFacingError(
                "the policy has \(size) characters; IAM takes \(PolicyLimit.inline) inline, \(PolicyLimit.managed) managed",
                hint: "name fewer models, or wider patterns"
            )
        }
        guard size > PolicyLimit.managed else {
            return terminal.note("\(size) of \(PolicyLimit.managed) characters that a managed policy may have")
        }
        terminal.warn(
            UserFacingError(
                "\(size) characters are too many for a managed policy (\(PolicyLimit.managed)); inline takes it"
            )
        )
    }

    func checkTrust(_ terminal: Terminal) throws(UserFacingError) {
        guard size <= PolicyLimit.longestTrust else {
            throw UserFacingError("the policy has \(size) characters; IAM takes \(PolicyLimit.longestTrust) at most")
        }
        guard size > PolicyLimit.trust else {
            return terminal.note("\(size) of \(PolicyLimit.trust) characters that a trust policy may have")
        }
        terminal.warn(
            UserFacingError(
                "\(size) characters are more than the \(PolicyLimit.trust) of a trust policy",
                hint: "the account's quota can be raised to \(PolicyLimit.longestTrust)"
            )
        )
    }
}

/// The attributes of sessions besides the researcher's name; these options override the settings.
struct SessionFeatures: ParsableArguments {
    @Flag(inversion: .prefixedNo, help: "Sessions carry tags: sts:TagSession. (BURSAR_SESSION_TAGS)")
    var tags: Bool?
    @Flag(
        inversion: .prefixedNo,
        help: "Sessions carry SourceIdentity: sts:SetSourceIdentity. (BURSAR_SOURCE_IDENTITY)"
    )
    var sourceIdentity: Bool?

    func policies(_ view: LocalServerSettings) -> RolePolicies {
        RolePolicies(
            tagsSessions: tags ?? view.role.tagsSessions,
            setsSourceIdentity: sourceIdentity ?? view.role.setsSourceIdentity
        )
    }
}
