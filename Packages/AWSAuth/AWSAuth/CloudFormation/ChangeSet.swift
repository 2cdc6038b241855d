public import BursarFoundation
import BursarModel

/// What a stack is to become.
public struct NewChangeSet: Sendable, Equatable {
    public enum Kind: String, Sendable {
        case create = "CREATE"
        case update = "UPDATE"
    }

    /// Of the change set; also the token that makes a repeated call the same call, so a new one each time.
    public var name: String
    /// The stack's name, or the ARN of one that is there.
    public var stack: String
    public var kind: Kind
    /// At most 51,200 bytes.
    public var template: String
    public var tags: [CloudFormationTag]
    public var description: String?
    /// What the template may do that CloudFormation asks about: `CAPABILITY_NAMED_IAM`.
    public var capabilities: [String]

    public init(
        name: String,
        stack: String,
        kind: Kind,
        template: String,
        tags: [CloudFormationTag] = [],
        description: String? = nil,
        capabilities: [String] = []
    ) {
        self.name = name
        self.stack = stack
        self.kind = kind
        self.template = template
        self.tags = tags
        self.description = description
        self.capabilities = capabilities
    }
}

/// What executing a change set would do.
public struct ChangeSet: Sendable, Equatable {
    public enum Status: String, Sendable {
        case pending = "CREATE_PENDING"
        case working = "CREATE_IN_PROGRESS"
        case ready = "CREATE_COMPLETE"
        case failed = "FAILED"
        case deletePending = "DELETE_PENDING"
        case deleting = "DELETE_IN_PROGRESS"
        case deleted = "DELETE_COMPLETE"
        case deleteFailed = "DELETE_FAILED"
    }

    public let arn: String
    public let name: String
    public let stack: String
    public let status: Status
    public let statusReason: String?
    /// `AVAILABLE`, `OBSOLETE` when the stack has changed since, and so on.
    public let executionStatus: String
    public internal(set) var changes: [ResourceChange]

    init(_ answer: QueryResponse) throws(AWSError) {
        arn = try answer.text("ChangeSetId")
        name = try answer.text("ChangeSetName")
        stack = try answer.text("StackId")
        guard let status = Status(rawValue: try answer.text("Status")) else { throw answer.malformed("Status") }
        self.status = status
        statusReason = answer.result.words("StatusReason")
        executionStatus = answer.result.words("ExecutionStatus") ?? "UNAVAILABLE"
        changes = try answer.members("Changes") { $0["ResourceChange"].flatMap { ResourceChange($0) } }
    }

    /// Whether it failed for no other reason than that there is nothing to change, which AWS says in words only.
    public var isEmpty: Bool {
        guard status == .failed, let statusReason else { return false }
        return statusReason.contains("didn't contain changes")
            || statusReason.contains("No updates are to be performed")
    }
}

/// A change set in a listing.
public struct ChangeSetSummary: Sendable, Equatable {
    public let arn: String
    public let name: String
    /// The ARN of its stack.
    public let stack: String
    public let created: Date?
    public let executionStatus: String

    init?(_ element: XMLElement) {
        guard let arn = element.words("ChangeSetId"), let name = element.words("ChangeSetName"),
            let stack = element.words("StackId")
        else { return nil }
        self.arn = arn
        self.stack = stack
        self.name = name
        created = element.date("CreationTime")
        executionStatus = element.words("ExecutionStatus") ?? "UNAVAILABLE"
    }
}
