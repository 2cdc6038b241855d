import AWSAuth
import BursarModel

/// The progress of a drift detection, which compares a stack's resources with its template.
package struct DriftDetection: Sendable, Equatable {
    package enum Status: String, Sendable {
        case working = "DETECTION_IN_PROGRESS"
        /// Some resources couldn't be checked; the others were.
        case failed = "DETECTION_FAILED"
        case done = "DETECTION_COMPLETE"
    }

    package let status: Status
    package let statusReason: String?
    /// `DRIFTED`, `IN_SYNC`, `UNKNOWN`, `NOT_CHECKED`.
    package let driftStatus: String?

    init(_ response: QueryResponse) throws(AWSError) {
        guard let status = Status(rawValue: try response.text("DetectionStatus")) else {
            throw response.malformed("DetectionStatus")
        }
        self.status = status
        statusReason = response.result.words("DetectionStatusReason")
        driftStatus = response.result.words("StackDriftStatus")
    }
}

/// A resource that differs from the template.
package struct ResourceDrift: Sendable, Equatable {
    /// A property that was changed outside CloudFormation.
    package struct Difference: Sendable, Equatable {
        package enum Kind: String, Sendable {
            case added = "ADD"
            case removed = "REMOVE"
            case changed = "NOT_EQUAL"
        }

        /// `/MaxSessionDuration`, as a JSON pointer.
        package let path: String
        package let kind: Kind
        package let expected: String
        package let actual: String

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

    package let logicalID: String
    package let physicalID: String?
    package let type: String
    /// `MODIFIED` or `DELETED`.
    package let status: String
    package let differences: [Difference]

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
    /// Starts a drift detection of a stack.
    ///
    /// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DetectStackDrift.html
    ///
    /// - Returns: the detection's id.
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func detectDrift(ofStack name: String) async throws -> String {
        try CloudFormationLimits.check(stack: name)
        return try await response(Self.form("DetectStackDrift", [("StackName", name)]), "DetectStackDrift")
            .text("StackDriftDetectionId")
    }

    /// Returns the progress of a detection.
    ///
    /// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackDriftDetectionStatus.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func driftDetection(_ id: String) async throws -> DriftDetection {
        let operation = "DescribeStackDriftDetectionStatus"
        return try DriftDetection(try await response(Self.form(operation, [("StackDriftDetectionId", id)]), operation))
    }

    /// Returns the resources that were changed or deleted.
    ///
    /// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResourceDrifts.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func drifts(ofStack name: String) async throws -> [ResourceDrift] {
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
