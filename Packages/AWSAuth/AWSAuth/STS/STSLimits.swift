import BursarModel

/// The limits that STS documents for its parameters, checked before anything is sent.
enum STSLimits {
    static func check(roleARN: String) throws(AWSError) {
        let parts = roleARN.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard (20...2048).contains(roleARN.utf8.count), parts.count == 6, parts[0] == "arn", parts[2] == "iam",
            parts[5].hasPrefix("role/"), roleARN.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw .invalidParameter(service: .sts, field: "RoleArn") }
    }

    static func check(name: String, field: String) throws(AWSError) {
        guard Handle(name) != nil else { throw .invalidParameter(service: .sts, field: field) }
    }

    static func check(externalID: String) throws(AWSError) {
        guard (2...1224).contains(externalID.utf8.count),
            externalID.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "_+=,.@:/-".utf8.contains($0) })
        else { throw .invalidParameter(service: .sts, field: "ExternalId") }
    }

    static func check(policy: String) throws(AWSError) {
        guard (1...2048).contains(policy.unicodeScalars.count) else {
            throw .invalidParameter(service: .sts, field: "Policy")
        }
    }

    static func check(tag: AssumeRoleRequest.Tag) throws(AWSError) {
        guard (1...128).contains(tag.key.unicodeScalars.count), tag.value.unicodeScalars.count <= 256 else {
            throw .invalidParameter(service: .sts, field: "Tags")
        }
    }

    /// Whole seconds as a parameter; nil when none is asked for.
    static func seconds(_ duration: Duration?, in allowed: ClosedRange<Int64>) throws(AWSError) -> String? {
        guard let duration else { return nil }
        let (seconds, attoseconds) = duration.components
        guard attoseconds == 0, allowed.contains(seconds) else {
            throw .invalidParameter(service: .sts, field: "DurationSeconds")
        }
        return String(seconds)
    }
}
