import AWSAuth
import AWSOperations
import ArgumentParser
import BursarConsole
import Deployment

/// The expected account, so that a wrong profile changes nothing.
struct ExpectedAccount: ParsableArguments {
    @Option(name: .customLong("account"), help: ArgumentHelp("Refuse to act in any other account.", valueName: "id"))
    var id: String?

    /// Prints the identity that the command acts as.
    ///
    /// - Throws: ``UserFacingError`` when it belongs to another account than the named one.
    func introduce(_ account: AWSAccount) async throws -> CallerIdentity {
        try checkTyped()
        let identity = try await account.introduce()
        try check(identity)
        return identity
    }

    /// - Throws: ``UserFacingError`` for a value that is no account's number.
    func checkTyped() throws(UserFacingError) {
        guard let id, !AccountID.isValid(id) else { return }
        throw UserFacingError.misuse(
            "--account \"\(ControlText.brief(id))\" is not an account's number",
            hint: "it has 12 digits"
        )
    }

    /// - Throws: ``UserFacingError`` when the identity belongs to another account than the named one.
    func check(_ identity: CallerIdentity) throws(UserFacingError) {
        guard id == nil || identity.account == id else {
            throw UserFacingError(
                "these credentials are of account \(identity.account), not of \(id ?? "")",
                hint: "name the right profile with --aws-profile"
            )
        }
    }
}

/// The name of an existing stack.
struct StackNameOption: ParsableArguments {
    @Option(help: ArgumentHelp("The stack's name.", valueName: "name"))
    var stackName = StackName.usual

    /// - Throws: ``UserFacingError`` for an impossible name.
    func checked() throws(UserFacingError) -> String {
        try StackName.check(stackName)
        return stackName
    }
}

extension StackDeployment {
    /// Prints the identity that the command acts as.
    ///
    /// - Throws: ``UserFacingError`` in another account than the expected one.
    init(_ name: String, _ aws: AWSOptions, _ expected: ExpectedAccount, _ account: AWSAccount) async throws {
        let clients = Clients(
            cloudFormation: try account.cloudFormation(),
            iam: account.iam,
            ec2: { try account.ec2() },
            logs: { try account.logs() }
        )
        let stack = name == StackName.usual ? nil : "--stack-name \(name)"
        let profile = aws.awsProfile.map { "--aws-profile \($0)" }
        let region = aws.region.map { "--region \($0)" }
        self.init(
            name,
            clients,
            region: account.region,
            accountID: try await expected.introduce(account).account,
            options: [stack, profile, region].compactMap { $0.map { " " + $0 } }.joined(),
            terminal: account.terminal,
            now: account.now,
            record: { [changes = account.changes] in changes?.add($0) },
            describe: { AWSErrorMessages.problem($0, profile: nil)?.problem }
        )
    }
}
