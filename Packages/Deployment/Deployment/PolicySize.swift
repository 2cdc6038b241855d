package import AWSClients
package import BursarConsole

/// Prints the size of a document, and refuses one above IAM's limit.
package struct PolicySize: Sendable {
    private let size: Int

    package init(_ document: PolicyDocument) throws {
        size = try document.size()
    }

    package func checkPermissions(_ terminal: Terminal) throws(UserFacingError) {
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

    package func checkTrust(_ terminal: Terminal) throws(UserFacingError) {
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
