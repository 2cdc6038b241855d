import AWSAuth
import BursarConsole
import BursarFoundation

/// The place of one stack: an account, a region and a name.
struct StackDeployment: Sendable {
    /// What each stack of ours carries, so that nobody else's of that name is touched.
    static let tag = CloudFormationTag("bursar", "stack")
    /// What the names of our change sets begin with.
    static let changeSets = "bursar-"

    let account: AWSAccount
    let cloudFormation: CloudFormationClient
    let name: String
    /// The account's number.
    let accountID: String
    private let options: String

    /// Says as whom the command acts, and goes no further in another account than the one that is expected.
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

    /// Where it is, for people.
    var place: String { "account \(accountID), region \(account.region)" }

    /// A command about this stack, as it is to be typed.
    func command(_ words: String) -> String { "admin aws \(words)\(options)" }

    /// The stack; nil when there is none.
    ///
    /// - Throws: ``UserFacingError`` for one that isn't ours.
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

    /// A stack under review has nothing of its own yet, so its change sets tell.
    private func isOurs(_ stack: CloudFormationStack) async throws -> Bool {
        if stack.tags.contains(Self.tag) { return true }
        guard stack.status == .review else { return false }
        return try await changeSets(of: stack.id).allSatisfy { $0.name.hasPrefix(Self.changeSets) }
    }

    /// The change sets of just this stack.
    func changeSets(of id: String) async throws -> [ChangeSetSummary] {
        try await cloudFormation.changeSets(ofStack: id).filter { $0.stack == id }
    }

    /// The name of something that is made now; the rest makes it the only one.
    func newName() -> String {
        let time = Int(account.now().timeIntervalSince1970)
        let rest = String(UInt64.random(in: .min ... .max), radix: 36)
        return "\(Self.changeSets)\(time)-\(rest)"
    }
}
