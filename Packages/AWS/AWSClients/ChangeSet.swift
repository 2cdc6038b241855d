import AWSAuth
package import BursarFoundation
import BursarModel

/// The parameters of a new change set.
package struct NewChangeSet: Sendable, Equatable {
    package enum Kind: String, Sendable {
        case create = "CREATE"
        case update = "UPDATE"
    }

    /// The change set's name, which is also the idempotency token, so a new one each time.
    package var name: String
    /// The stack's name, or the ARN of one that is there.
    package var stack: String
    package var kind: Kind
    /// At most 51,200 bytes.
    package var template: String
    package var tags: [CloudFormationTag]
    package var description: String?
    /// The capabilities that the template needs acknowledged: `CAPABILITY_NAMED_IAM`.
    package var capabilities: [String]

    package init(
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

/// A change set: the effect of an update, before it is executed.
package struct ChangeSet: Sendable, Equatable {
    package enum Status: String, Sendable {
        case pending = "CREATE_PENDING"
        case working = "CREATE_IN_PROGRESS"
        case ready = "CREATE_COMPLETE"
        case failed = "FAILED"
        case deletePending = "DELETE_PENDING"
        case deleting = "DELETE_IN_PROGRESS"
        case deleted = "DELETE_COMPLETE"
        case deleteFailed = "DELETE_FAILED"
    }

    package let arn: String
    package let name: String
    package let stack: String
    package let status: Status
    package let statusReason: String?
    /// `AVAILABLE`, `OBSOLETE` when the stack has changed since, and so on.
    package let executionStatus: String
    package internal(set) var changes: [ResourceChange]

    init(_ response: QueryResponse) throws(AWSError) {
        arn = try response.text("ChangeSetId")
        name = try response.text("ChangeSetName")
        stack = try response.text("StackId")
        guard let status = Status(rawValue: try response.text("Status")) else { throw response.malformed("Status") }
        self.status = status
        statusReason = response.result.words("StatusReason")
        executionStatus = response.result.words("ExecutionStatus") ?? "UNAVAILABLE"
        changes = try response.members("Changes") { $0["ResourceChange"].flatMap { ResourceChange($0) } }
    }

    /// True if it failed only because there is nothing to change, which AWS reports in its message only.
    package var isEmpty: Bool {
        guard status == .failed, let statusReason else { return false }
        return statusReason.contains("didn't contain changes")
            || statusReason.contains("No updates are to be performed")
    }
}

/// A change set in a listing.
package struct ChangeSetSummary: Sendable, Equatable {
    package let arn: String
    package let name: String
    /// The ARN of its stack.
    package let stack: String
    package let created: Date?
    package let executionStatus: String

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

/// The effect of a change set on one resource.
package struct ResourceChange: Sendable, Equatable {
    /// The kind of a change; AWS may add kinds, which are kept as written.
    package enum Action: Sendable, Equatable {
        case add
        case modify
        case remove
        case other(String)

        init(_ word: String) {
            switch word {
            case "Add": self = .add
            case "Modify": self = .modify
            case "Remove": self = .remove
            default: self = .other(word)
            }
        }
    }

    /// The replacement of the resource by a new one with another id.
    package enum Replacement: String, Sendable {
        case always = "True"
        case never = "False"
        /// It depends on values that are known only at execution.
        case conditional = "Conditional"
    }

    /// One changed attribute of the resource.
    package struct Detail: Sendable, Equatable {
        /// The kind of attribute: `Properties`, `Tags`, `Metadata`, `DeletionPolicy`.
        package let attribute: String
        /// The name of a property; nil for other attributes.
        package let name: String?
        /// `Never`, `Conditionally`, `Always`.
        package let requiresRecreation: String?
        /// True if the attribute may turn out unchanged at execution.
        package let isDynamic: Bool

        init?(_ element: XMLElement) {
            guard let target = element["Target"], let attribute = target.words("Attribute") else { return nil }
            self.attribute = attribute
            name = target.words("Name")
            requiresRecreation = target.words("RequiresRecreation")
            isDynamic = element.words("Evaluation") == "Dynamic"
        }
    }

    package let action: Action
    package let logicalID: String
    package let physicalID: String?
    package let type: String
    /// nil if AWS doesn't report it, as for added and removed resources.
    package let replacement: Replacement?
    /// The fate of the old resource: `Delete`, `Retain`, `ReplaceAndDelete`; nil if AWS doesn't report it.
    package let policyAction: String?
    package let scope: [String]
    package let details: [Detail]

    init?(_ element: XMLElement) {
        guard let action = element.words("Action"), let logicalID = element.words("LogicalResourceId"),
            let type = element.words("ResourceType")
        else { return nil }
        self.action = Action(action)
        self.logicalID = logicalID
        self.type = type
        physicalID = element.words("PhysicalResourceId")
        replacement = element.words("Replacement").flatMap { Replacement(rawValue: $0) }
        policyAction = element.words("PolicyAction")
        scope = (element["Scope"]?.children ?? []).map(\.text)
        details = (element["Details"]?.children ?? []).compactMap { Detail($0) }
    }
}

extension CloudFormationClient {
    /// Starts the calculation of a change set; the response arrives before it is complete.
    ///
    /// A change set of the kind `create` creates the stack, under review and without resources.
    /// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html
    ///
    /// - Returns: the ARNs of the change set and of its stack.
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func createChangeSet(_ change: NewChangeSet) async throws -> (changeSet: String, stack: String) {
        try CloudFormationLimits.check(stack: change.stack)
        try CloudFormationLimits.check(template: change.template)
        try CloudFormationLimits.check(tags: change.tags)
        guard CloudFormationLimits.isName(change.name) else {
            throw AWSError.invalidParameter(service: .cloudFormation, field: "ChangeSetName")
        }
        var form = Self.form(
            "CreateChangeSet",
            [
                ("StackName", change.stack), ("ChangeSetName", change.name), ("ChangeSetType", change.kind.rawValue),
                ("TemplateBody", change.template), ("Description", change.description), ("ClientToken", change.name),
            ]
        )
        form.add(list: "Capabilities", change.capabilities) { [("", $0)] }
        form.add(list: "Tags", change.tags) { [(".Key", $0.key), (".Value", $0.value)] }
        let response = try await response(form, "CreateChangeSet")
        return (try response.text("Id"), try response.text("StackId"))
    }

    /// Returns a change set with all its changes.
    ///
    /// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeChangeSet.html
    ///
    /// - Parameter arn: of the change set.
    /// - Returns: the change set, all its pages together.
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func changeSet(_ arn: String) async throws -> ChangeSet {
        try CloudFormationLimits.check(changeSet: arn)
        var found: ChangeSet?
        try await pages("DescribeChangeSet", [("ChangeSetName", arn)]) { page in
            let part = try ChangeSet(page)
            if found == nil { found = part } else { found?.changes += part.changes }
            return true
        }
        guard let found else { throw AWSError.invalidParameter(service: .cloudFormation, field: "ChangeSetName") }
        return found
    }

    /// Starts the execution of a change set.
    ///
    /// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ExecuteChangeSet.html
    ///
    /// - Parameters:
    ///   - arn: of the change set.
    ///   - token: makes a repeated call idempotent, and is recorded in the events that follow.
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func executeChangeSet(_ arn: String, token: String) async throws {
        try CloudFormationLimits.check(changeSet: arn)
        try CloudFormationLimits.check(token: token)
        // A resource that a failed update created is deleted, even if its deletion policy retains it later.
        try await perform(
            "ExecuteChangeSet",
            [("ChangeSetName", arn), ("ClientRequestToken", token), ("RetainExceptOnCreate", "true")]
        )
    }

    /// Deletes a change set; a stack under review that it belonged to stays.
    ///
    /// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeleteChangeSet.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func deleteChangeSet(_ arn: String) async throws {
        try CloudFormationLimits.check(changeSet: arn)
        try await perform("DeleteChangeSet", [("ChangeSetName", arn)])
    }

    /// Returns the change sets of a stack.
    ///
    /// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListChangeSets.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func changeSets(ofStack name: String) async throws -> [ChangeSetSummary] {
        try CloudFormationLimits.check(stack: name)
        var summaries: [ChangeSetSummary] = []
        try await pages("ListChangeSets", [("StackName", name)]) { page in
            summaries += try page.members("Summaries", ChangeSetSummary.init)
            return true
        }
        return summaries
    }
}
