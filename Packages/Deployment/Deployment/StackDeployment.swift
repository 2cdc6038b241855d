import AWSAuth
package import AWSClients
package import BursarConsole
package import BursarFoundation
import BursarModel

/// The operations on one stack, in one account and region.
package struct StackDeployment: Sendable {
    /// The tag of every stack that admin makes.
    ///
    /// A stack of the same name without it is left alone.
    package static let tag = CloudFormationTag(StackTags.mark, "stack")
    /// The prefix of the names of admin's change sets.
    package static let changeSets = "bursar-"

    package let name: String
    package let clients: Clients
    package let region: String
    /// The account's number.
    package let accountID: String
    package let terminal: Terminal
    private let now: @Sendable () -> Date
    /// The options of a command about this stack, each after a blank.
    private let options: String
    /// Records a change that AWS has made.
    package let record: @Sendable (_ change: String) -> Void
    /// Returns the message for an error of AWS; nil for other errors.
    package let describe: @Sendable (any Error) -> String?

    /// The clients of the services that a stack's operations call, with the operator's credentials.
    package struct Clients: Sendable {
        package let cloudFormation: CloudFormationClient
        package let iam: IAMClient
        package let ec2: @Sendable () throws -> EC2Client
        package let logs: @Sendable () throws -> LogsClient

        package init(
            cloudFormation: CloudFormationClient,
            iam: IAMClient,
            ec2: @escaping @Sendable () throws -> EC2Client,
            logs: @escaping @Sendable () throws -> LogsClient
        ) {
            self.cloudFormation = cloudFormation
            self.iam = iam
            self.ec2 = ec2
            self.logs = logs
        }
    }

    package init(
        _ name: String,
        _ clients: Clients,
        region: String,
        accountID: String,
        options: String,
        terminal: Terminal,
        now: @escaping @Sendable () -> Date,
        record: @escaping @Sendable (_ change: String) -> Void,
        describe: @escaping @Sendable (any Error) -> String?
    ) {
        self.name = name
        self.clients = clients
        self.region = region
        self.accountID = accountID
        self.options = options
        self.terminal = terminal
        self.now = now
        self.record = record
        self.describe = describe
    }

    package var cloudFormation: CloudFormationClient { clients.cloudFormation }

    /// The account and region, for messages.
    package var place: String { "account \(accountID), region \(region)" }

    /// Returns a command about this stack, ready to be typed.
    package func command(_ words: String) -> String { "admin aws \(words)\(options)" }

    /// Returns the stack; nil when there is none.
    ///
    /// - Throws: ``UserFacingError`` for a stack that admin didn't make.
    package func existing() async throws -> CloudFormationStack? {
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
    package func changeSets(of id: String) async throws -> [ChangeSetSummary] {
        try await cloudFormation.changeSets(ofStack: id).filter { $0.stack == id }
    }

    /// Returns a unique name: the time and a random suffix.
    package func newName() -> String {
        let time = Int(now().timeIntervalSince1970)
        let rest = String(UInt64.random(in: .min ... .max), radix: 36)
        return "\(Self.changeSets)\(time)-\(rest)"
    }
}

extension StackDeployment {
    /// Returns the reason why the stack can't take another template in its present state; nil when it can.
    package func obstacle(to stack: CloudFormationStack) -> UserFacingError? {
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
    package func busy(_ stack: CloudFormationStack) -> UserFacingError {
        let since = (stack.updated ?? stack.created).map { " since \(Timestamp.string($0))" } ?? ""
        return UserFacingError(
            "the stack \(name) is being changed already (\(stack.status)\(since)), perhaps by another operator",
            hint: "\(command("status --watch")) waits for its end"
        )
    }

    package func missing() -> UserFacingError {
        UserFacingError(
            "there is no stack \(name) in \(place)",
            hint: "\(command("apply")) makes it; perhaps --region is another"
        )
    }

    /// The error for an operation that continues in AWS after this program stops watching it.
    package func unwatched(_ why: String) -> UserFacingError {
        UserFacingError(
            "\(why); AWS goes on with the stack \(name) by itself",
            hint: "\(command("status --watch")) shows how it ends, and so does the same command again"
        )
    }
}

/// Work that continues despite cancellation.
enum Uncancelled {
    /// Runs `body` to its end despite cancellation, for work that must not be left half done.
    static func run<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        // An unstructured task isn't cancelled with this one.
        try await Task { try await body() }.value
    }

    /// Runs `body` despite cancellation, but no longer than `time`: then its calls throw `CancellationError`.
    static func run(
        atMost time: Duration,
        _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        try await run {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await body() }
                group.addTask {
                    try await Task.sleep(for: time)
                    throw CancellationError()
                }
                defer { group.cancelAll() }
                try await group.next()
            }
        }
    }
}
