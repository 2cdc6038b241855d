import AWSAuth
import AWSClients
import ArgumentParser
import BursarConsole
import BursarFoundation
import BursarModel

/// The operations on one stack, in one account and region.
struct StackDeployment: Sendable {
    /// The tag of every stack that admin makes.
    ///
    /// A stack of the same name without it is left alone.
    static let tag = CloudFormationTag("bursar", "stack")
    /// The prefix of the names of admin's change sets.
    static let changeSets = "bursar-"

    let account: AWSAccount
    let cloudFormation: CloudFormationClient
    let name: String
    /// The account's number.
    let accountID: String
    private let options: String

    /// Prints the identity that the command acts as.
    ///
    /// - Throws: ``UserFacingError`` in another account than the expected one.
    init(_ name: String, _ aws: AWSOptions, _ expected: ExpectedAccount, _ account: AWSAccount) async throws {
        self.account = account
        self.name = name
        cloudFormation = try account.cloudFormation()
        accountID = try await expected.introduce(account).account
        let stack = name == StackName.usual ? nil : "--stack-name \(name)"
        let profile = aws.awsProfile.map { "--aws-profile \($0)" }
        let region = aws.region.map { "--region \($0)" }
        options = [stack, profile, region].compactMap { $0.map { " " + $0 } }.joined()
    }

    var terminal: Terminal { account.terminal }

    /// The account and region, for messages.
    var place: String { "account \(accountID), region \(account.region)" }

    /// Returns a command about this stack, ready to be typed.
    func command(_ words: String) -> String { "admin aws \(words)\(options)" }

    /// Returns the stack; nil when there is none.
    ///
    /// - Throws: ``UserFacingError`` for a stack that admin didn't make.
    func existing() async throws -> CloudFormationStack? {
        guard let stack = try await cloudFormation.stack(name), stack.status != .deleted else { return nil }
        guard try await isOurs(stack) else {
            throw UserFacingError(
                "the stack \(name) in \(place) was not made by admin, so it is left alone",
                hint: "take another name with --stack-name"
            )
        }
        return stack
    }

    /// A stack under review has no tags yet, so its change sets decide.
    private func isOurs(_ stack: CloudFormationStack) async throws -> Bool {
        if stack.tags.contains(Self.tag) { return true }
        guard stack.status == .review else { return false }
        return try await changeSets(of: stack.id).allSatisfy { $0.name.hasPrefix(Self.changeSets) }
    }

    /// Returns the change sets of this stack alone, not of deleted ones of its name.
    func changeSets(of id: String) async throws -> [ChangeSetSummary] {
        try await cloudFormation.changeSets(ofStack: id).filter { $0.stack == id }
    }

    /// Returns a unique name: the time and a random suffix.
    func newName() -> String {
        let time = Int(account.now().timeIntervalSince1970)
        let rest = String(UInt64.random(in: .min ... .max), radix: 36)
        return "\(Self.changeSets)\(time)-\(rest)"
    }
}

extension StackDeployment {
    /// Returns the reason why the stack can't take another template in its present state; nil when it can.
    func obstacle(to stack: CloudFormationStack) -> UserFacingError? {
        let status = stack.status
        if status.isUpdatable || status == .review { return nil }
        if status == .deleting {
            return UserFacingError(
                "the stack \(name) is being deleted",
                hint: "\(command("status --watch")) waits for its end; then make it again"
            )
        }
        if status.isInProgress { return busy(stack) }
        switch status {
        case .rolledBack:
            return UserFacingError(
                "the stack \(name) could never be made (\(status)); AWS can only delete such a stack",
                hint: "\(command("status")) says why; \(command("destroy")), then apply again"
            )
        case .updateRollbackFailed:
            return UserFacingError(
                "an update of the stack \(name) failed, and so did undoing it (\(status))",
                hint: "put right what \(command("status")) names, then \(command("apply --continue-rollback"))"
            )
        case .deleteFailed:
            return UserFacingError(
                "the stack \(name) is deleted in part (\(status))",
                hint: "\(command("status")) names what stopped it; \(command("destroy")) goes on"
            )
        case _ where status.rawValue.hasPrefix("CREATE_") || status.rawValue.hasPrefix("ROLLBACK_"):
            return UserFacingError(
                "the stack \(name) is half made (\(status)); AWS can only delete such a stack",
                hint: "\(command("status")) says what is left; \(command("destroy")), then apply again"
            )
        default:
            return UserFacingError(
                "the stack \(name) can't be changed as it stands (\(status))",
                hint: "\(command("status")) says more; CloudFormation's console can undo a failed update"
            )
        }
    }

    /// The error for a stack with an operation in progress.
    func busy(_ stack: CloudFormationStack) -> UserFacingError {
        let since = (stack.updated ?? stack.created).map { " since \(Timestamp.string($0))" } ?? ""
        return UserFacingError(
            "the stack \(name) is being changed already (\(stack.status)\(since)), perhaps by another operator",
            hint: "\(command("status --watch")) waits for its end"
        )
    }

    func missing() -> UserFacingError {
        UserFacingError(
            "there is no stack \(name) in \(place)",
            hint: "\(command("apply")) makes it; perhaps --region is another"
        )
    }

    /// The error for an operation that continues in AWS after this program stops watching it.
    func unwatched(_ why: String) -> UserFacingError {
        UserFacingError(
            "\(why); AWS goes on with the stack \(name) by itself",
            hint: "\(command("status --watch")) shows how it ends, and so does the same command again"
        )
    }
}

/// The expected account, so that a wrong profile changes nothing.
struct ExpectedAccount: ParsableArguments {
    @Option(name: .customLong("account"), help: ArgumentHelp("Refuse to act in any other account.", valueName: "id"))
    var id: String?

    /// Prints the identity that the command acts as.
    ///
    /// - Throws: ``UserFacingError`` when it belongs to another account than the named one.
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
