package import AWSAuth
package import BursarFoundation
import BursarModel

/// A stack in CloudFormation.
package struct CloudFormationStack: Sendable, Equatable {
    /// Its ARN, which no later stack of the same name shares.
    package let id: String
    package let name: String
    package let description: String?
    package let status: StackStatus
    package let statusReason: String?
    package let created: Date?
    package let updated: Date?
    /// By name.
    package let outputs: [String: String]
    package let tags: [CloudFormationTag]
    /// `IN_SYNC`, `DRIFTED`, `NOT_CHECKED` or `UNKNOWN`, as of the last detection.
    package let driftStatus: String?
    package let driftChecked: Date?
    package let isProtectedFromDeletion: Bool

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
package struct StackResource: Sendable, Equatable {
    /// Its name in the template.
    package let logicalID: String
    /// Its name or ARN in AWS; nil before it is made.
    package let physicalID: String?
    package let type: String
    package let status: StackStatus
    package let statusReason: String?
    /// `IN_SYNC`, `MODIFIED`, `DELETED`, `NOT_CHECKED`, as of the last detection.
    package let driftStatus: String?

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

/// An event of a stack or of one of its resources.
package struct StackEvent: Sendable, Equatable {
    package let id: String
    package let date: Date?
    package let logicalID: String
    package let physicalID: String?
    package let type: String
    package let status: StackStatus
    package let reason: String?
    /// The token of the call that caused it.
    package let token: String?

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

    /// True if the event concerns the stack as a whole.
    package var isOfStack: Bool { type == "AWS::CloudFormation::Stack" && physicalID?.contains(":stack/") == true }
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

/// The status of a stack or of one of its resources: `CREATE_COMPLETE`.
///
/// Kept as AWS writes it, since AWS adds values over the years; the meaning follows from a value's parts.
/// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
package struct StackStatus: RawRepresentable, Sendable, Equatable, CustomStringConvertible {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    package var description: String { rawValue }

    /// The stack has change sets and has never had a resource.
    package static let review = Self(rawValue: "REVIEW_IN_PROGRESS")
    /// The first creation failed and was rolled back: such a stack can only be deleted.
    package static let rolledBack = Self(rawValue: "ROLLBACK_COMPLETE")
    /// An update failed, and so did its rollback.
    package static let updateRollbackFailed = Self(rawValue: "UPDATE_ROLLBACK_FAILED")
    package static let deleting = Self(rawValue: "DELETE_IN_PROGRESS")
    package static let deleted = Self(rawValue: "DELETE_COMPLETE")
    package static let deleteFailed = Self(rawValue: "DELETE_FAILED")

    /// True if an operation is running; a stack under review waits for a person instead.
    package var isInProgress: Bool { self != .review && rawValue.hasSuffix("_IN_PROGRESS") }

    package var isFailed: Bool { rawValue.hasSuffix("_FAILED") }

    /// True if an operation failed and was, or is being, rolled back.
    package var isRollback: Bool { rawValue.contains("ROLLBACK_") }

    /// True if a change set of the stack can be created and executed.
    ///
    /// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-changesets.html
    package var isUpdatable: Bool {
        [
            "CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE",
            "IMPORT_ROLLBACK_COMPLETE",
        ]
        .contains(rawValue)
    }

    /// True if the operation succeeded.
    package var isSuccess: Bool { rawValue.hasSuffix("_COMPLETE") && !isRollback }
}

extension CloudFormationClient {
    /// Returns the stack of this name or ARN; nil if there is none.
    ///
    /// A deleted stack can be found by its ARN only, for 90 days.
    /// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func stack(_ name: String) async throws -> CloudFormationStack? {
        try CloudFormationLimits.check(stack: name)
        do {
            let form = Self.form("DescribeStacks", [("StackName", name)])
            let response = try await response(form, "DescribeStacks")
            guard let stack = try response.members("Stacks", CloudFormationStack.init).first else {
                throw response.malformed("Stacks")
            }
            return stack
        } catch AWSError.refused(let refusal) where refusal.isMissingStack {
            return nil
        }
    }

    /// Returns a stack's resources, 100 at most.
    ///
    /// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResources.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func resources(ofStack name: String) async throws -> [StackResource] {
        try CloudFormationLimits.check(stack: name)
        let form = Self.form("DescribeStackResources", [("StackName", name)])
        return try await response(form, "DescribeStackResources").members("StackResources", StackResource.init)
    }

    /// Returns a stack's events after the event `last`, the oldest first; all that AWS keeps if `last` is nil.
    ///
    /// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackEvents.html
    ///
    /// - Parameters:
    ///   - name: the stack's name or ARN.
    ///   - last: the id of the last known event.
    ///   - most: the most events; the newest are returned.
    /// - Returns: the events.
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func events(ofStack name: String, after last: String? = nil, most: Int = 1000) async throws -> [StackEvent]
    {
        try CloudFormationLimits.check(stack: name)
        var events: [StackEvent] = []
        // The newest come first.
        try await pages("DescribeStackEvents", [("StackName", name)]) { page in
            for event in try page.members("StackEvents", StackEvent.init) {
                guard event.id != last, events.count < most else { return false }
                events.append(event)
            }
            return true
        }
        return events.reversed()
    }

    /// Returns the template of a stack, as it was sent.
    ///
    /// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_GetTemplate.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func template(ofStack name: String) async throws -> String {
        try CloudFormationLimits.check(stack: name)
        let form = Self.form("GetTemplate", [("StackName", name), ("TemplateStage", "Original")])
        return try await response(form, "GetTemplate").text("TemplateBody")
    }

    /// Starts the deletion of a stack; a missing one is no error.
    ///
    /// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeleteStack.html
    ///
    /// - Parameters:
    ///   - name: the stack's name or ARN.
    ///   - token: makes a repeated call idempotent.
    ///   - retained: resources that are kept; only for a stack whose deletion failed.
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func deleteStack(_ name: String, token: String, retaining retained: [String] = []) async throws {
        try CloudFormationLimits.check(stack: name)
        try CloudFormationLimits.check(token: token)
        var form = Self.form("DeleteStack", [("StackName", name), ("ClientRequestToken", token)])
        form.add(list: "RetainResources", retained) { [("", $0)] }
        _ = try await client.send(AWSRequest("DeleteStack", form: form))
    }

    /// Turns termination protection of a stack on or off.
    ///
    /// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_UpdateTerminationProtection.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func setTerminationProtection(_ isProtected: Bool, ofStack name: String) async throws {
        try CloudFormationLimits.check(stack: name)
        let parameters = [("StackName", name), ("EnableTerminationProtection", isProtected ? "true" : "false")]
        _ = try await response(Self.form("UpdateTerminationProtection", parameters), "UpdateTerminationProtection")
    }

    /// Resumes the rollback of an update, after that rollback failed.
    ///
    /// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ContinueUpdateRollback.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func continueUpdateRollback(ofStack name: String, token: String) async throws {
        try CloudFormationLimits.check(stack: name)
        try CloudFormationLimits.check(token: token)
        try await perform("ContinueUpdateRollback", [("StackName", name), ("ClientRequestToken", token)])
    }
}

extension AWSServiceError {
    /// True if CloudFormation has no stack of that name, which it reports in its message only.
    package var isMissingStack: Bool {
        service == .cloudFormation && code == "ValidationError" && message?.contains("does not exist") == true
    }
}
