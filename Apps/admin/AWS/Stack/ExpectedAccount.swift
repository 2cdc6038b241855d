import AWSAuth
import ArgumentParser
import BursarConsole

/// The account that a command is meant for, so that the wrong profile changes nothing.
struct ExpectedAccount: ParsableArguments {
    @Option(name: .customLong("account"), help: ArgumentHelp("Refuse to act in any other account.", valueName: "id"))
    var id: String?

    /// Says as whom the command acts.
    ///
    /// - Throws: ``UserFacingError`` when that is in another account than the one that was named.
    func introduce(_ account: AWSAccount) async throws -> CallerIdentity {
        if let id, !AccountID.isValid(id) {
            throw UserFacingError.misuse(
                "--account \"\(ControlText.brief(id))\" is not an account's number",
                hint: "it has 12 digits"
            )
        }
        let identity = try await account.introduce()
        guard id == nil || identity.account == id else {
            throw UserFacingError(
                "these credentials are of account \(identity.account), not of \(id ?? "")",
                hint: "name the right profile with --aws-profile"
            )
        }
        return identity
    }
}

/// Which stack, for commands that take what is there.
struct StackNameOption: ParsableArguments {
    @Option(help: ArgumentHelp("The stack's name.", valueName: "name"))
    var stackName = StackName.usual

    /// - Throws: ``UserFacingError`` for what can't be one.
    func checked() throws(UserFacingError) -> String {
        try StackName.check(stackName)
        return stackName
    }
}
