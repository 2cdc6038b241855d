import BursarModel

/// How far CloudFormation has come with looking whether resources are as their stack's template says.
public struct DriftDetection: Sendable, Equatable {
    public enum Status: String, Sendable {
        case working = "DETECTION_IN_PROGRESS"
        /// Some resources couldn't be looked at; the others were.
        case failed = "DETECTION_FAILED"
        case done = "DETECTION_COMPLETE"
    }

    public let status: Status
    public let statusReason: String?
    /// `DRIFTED`, `IN_SYNC`, `UNKNOWN`, `NOT_CHECKED`.
    public let driftStatus: String?

    init(_ answer: QueryResponse) throws(AWSError) {
        guard let status = Status(rawValue: try answer.text("DetectionStatus")) else {
            throw answer.malformed("DetectionStatus")
        }
        self.status = status
        statusReason = answer.result.words("DetectionStatusReason")
        driftStatus = answer.result.words("StackDriftStatus")
    }
}

/// A resource that isn't as the template says.
public struct ResourceDrift: Sendable, Equatable {
    /// A property that was changed past CloudFormation.
    public struct Difference: Sendable, Equatable {
        public enum Kind: String, Sendable {
            case added = "ADD"
            case removed = "REMOVE"
            case changed = "NOT_EQUAL"
        }

        /// `/MaxSessionDuration`, as a JSON pointer.
        public let path: String
        public let kind: Kind
        public let expected: String
        public let actual: String

        init?(_ element: XMLElement) {
            guard let path = element.words("PropertyPath"),
                let kind = element.words("DifferenceType").flatMap({ Kind(rawValue: $0) })
            else { return nil }
            self.path = path
            self.kind = kind
            expected = element["ExpectedValue"]?.text ?? ""
            actual = element["ActualValue"]?.text ?? ""
        }
    }

    public let logicalID: String
    public let physicalID: String?
    public let type: String
    /// `MODIFIED` or `DELETED`.
    public let status: String
    public let differences: [Difference]

    init?(_ element: XMLElement) {
        guard let logicalID = element.words("LogicalResourceId"), let type = element.words("ResourceType"),
            let status = element.words("StackResourceDriftStatus")
        else { return nil }
        self.logicalID = logicalID
        self.type = type
        self.status = status
        physicalID = element.words("PhysicalResourceId")
        differences = (element["PropertyDifferences"]?.children ?? []).compactMap { Difference($0) }
    }
}

extension CloudFormationClient {
    /// Begins to look whether a stack's resources are as its template says.
    ///
    /// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DetectStackDrift.html
    ///
    /// - Returns: the detection's id.
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    public func detectDrift(ofStack name: String) async throws -> String {
        try CloudFormationLimits.check(stack: name)
        return try await answer(Self.form("DetectStackDrift", [("StackName", name)]), "DetectStackDrift")
            .text("StackDriftDetectionId")
    }

    /// How far a detection has come.
    ///
    /// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackDriftDetectionStatus.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    public func driftDetection(_ id: String) async throws -> DriftDetection {
        let operation = "DescribeStackDriftDetectionStatus"
        return try DriftDetection(try await answer(Self.form(operation, [("StackDriftDetectionId", id)]), operation))
    }

    /// The resources that were found changed or deleted.
    ///
    /// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResourceDrifts.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    public func drifts(ofStack name: String) async throws -> [ResourceDrift] {
        try CloudFormationLimits.check(stack: name)
        var drifts: [ResourceDrift] = []
        let filters = [
            ("StackResourceDriftStatusFilters.member.1", "MODIFIED"),
            ("StackResourceDriftStatusFilters.member.2", "DELETED"),
        ]
        let parameters = [("StackName", name)] + filters
        try await pages("DescribeStackResourceDrifts", parameters.map { ($0.0, $0.1) }) { page in
            drifts += try page.members("StackResourceDrifts", ResourceDrift.init)
            return true
        }
        return drifts
    }
}
