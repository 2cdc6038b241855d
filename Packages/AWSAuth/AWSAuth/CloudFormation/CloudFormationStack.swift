public import BursarFoundation
import BursarModel

/// A stack as CloudFormation describes it.
public struct CloudFormationStack: Sendable, Equatable {
    /// Its ARN, which stays its own after another of the same name has been made.
    public let id: String
    public let name: String
    public let description: String?
    public let status: StackStatus
    public let statusReason: String?
    public let created: Date?
    public let updated: Date?
    /// By name.
    public let outputs: [String: String]
    public let tags: [CloudFormationTag]
    /// `IN_SYNC`, `DRIFTED`, `NOT_CHECKED` or `UNKNOWN`, as of the last detection.
    public let driftStatus: String?
    public let driftChecked: Date?
    public let isProtectedFromDeletion: Bool

    init?(_ element: XMLElement) {
        guard let id = element["StackId"]?.text, !id.isEmpty, let name = element["StackName"]?.text,
            let status = element["StackStatus"]?.text, !status.isEmpty
        else { return nil }
        self.id = id
        self.name = name
        self.status = StackStatus(rawValue: status)
        description = element.words("Description")
        statusReason = element.words("StackStatusReason")
        created = element.date("CreationTime")
        updated = element.date("LastUpdatedTime")
        let pairs = (element["Outputs"]?.children ?? []).compactMap { output in
            output.words("OutputKey").map { ($0, output["OutputValue"]?.text ?? "") }
        }
        outputs = Dictionary(pairs) { first, _ in first }
        tags = (element["Tags"]?.children ?? []).compactMap { CloudFormationTag($0) }
        driftStatus = element["DriftInformation"]?.words("StackDriftStatus")
        driftChecked = element["DriftInformation"]?.date("LastCheckTimestamp")
        isProtectedFromDeletion = element["EnableTerminationProtection"]?.text == "true"
    }
}

/// A resource of a stack.
public struct StackResource: Sendable, Equatable {
    /// Its name in the template.
    public let logicalID: String
    /// Its name or ARN in AWS; nil before it is made.
    public let physicalID: String?
    public let type: String
    public let status: StackStatus
    public let statusReason: String?
    /// `IN_SYNC`, `MODIFIED`, `DELETED`, `NOT_CHECKED`, as of the last detection.
    public let driftStatus: String?

    init?(_ element: XMLElement) {
        guard let logicalID = element["LogicalResourceId"]?.text, !logicalID.isEmpty,
            let type = element["ResourceType"]?.text, let status = element["ResourceStatus"]?.text
        else { return nil }
        self.logicalID = logicalID
        self.type = type
        self.status = StackStatus(rawValue: status)
        physicalID = element.words("PhysicalResourceId")
        statusReason = element.words("ResourceStatusReason")
        driftStatus = element["DriftInformation"]?.words("StackResourceDriftStatus")
    }
}

/// Something that happened to a stack or one of its resources.
public struct StackEvent: Sendable, Equatable {
    public let id: String
    public let date: Date?
    public let logicalID: String
    public let physicalID: String?
    public let type: String
    public let status: StackStatus
    public let reason: String?
    /// The token of the call that brought it about.
    public let token: String?

    init?(_ element: XMLElement) {
        guard let id = element["EventId"]?.text, !id.isEmpty, let status = element["ResourceStatus"]?.text else {
            return nil
        }
        self.id = id
        self.status = StackStatus(rawValue: status)
        date = element.date("Timestamp")
        logicalID = element["LogicalResourceId"]?.text ?? ""
        physicalID = element.words("PhysicalResourceId")
        type = element["ResourceType"]?.text ?? ""
        reason = element.words("ResourceStatusReason")
        token = element.words("ClientRequestToken")
    }

    /// Whether it is about the stack as a whole.
    public var isOfStack: Bool { type == "AWS::CloudFormation::Stack" && physicalID?.contains(":stack/") == true }
}

extension XMLElement {
    /// The text of a child; nil when there is none or it is empty.
    func words(_ name: String) -> String? {
        self[name].flatMap { $0.text.isEmpty ? nil : $0.text }
    }

    func date(_ name: String) -> Date? {
        self[name].flatMap { Timestamp.date($0.text) }
    }
}
