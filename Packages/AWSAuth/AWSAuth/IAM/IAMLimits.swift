import BursarModel

/// The limits that IAM documents for its parameters, checked before anything is sent.
///
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
enum IAMLimits {
    static func check(userName: String) throws(AWSError) {
        try check(name: userName, longest: 64, field: "UserName")
    }

    static func check(roleName: String) throws(AWSError) {
        try check(name: roleName, longest: 64, field: "RoleName")
    }

    static func check(policyName: String) throws(AWSError) {
        try check(name: policyName, longest: 128, field: "PolicyName")
    }

    static func check(policyARN: String) throws(AWSError) {
        guard (20...2048).contains(policyARN.utf8.count), policyARN.hasPrefix("arn:"), policyARN.contains(":policy/"),
            policyARN.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw .invalidParameter(service: .iam, field: "PolicyArn") }
    }

    /// Blanks don't count towards AWS's limit, `most`; a document this long is refused whatever it holds.
    static func check(document: String, most: Int) throws(AWSError) {
        let count = document.unicodeScalars.count { !$0.properties.isWhitespace }
        guard (1...most).contains(count), document.utf8.count <= 131_072 else {
            throw .invalidParameter(service: .iam, field: "PolicyDocument")
        }
    }

    static func check(accessKeyID: String) throws(AWSError) {
        guard (16...128).contains(accessKeyID.utf8.count), accessKeyID.utf8.allSatisfy(\.isASCIILetterOrDigit) else {
            throw .invalidParameter(service: .iam, field: "AccessKeyId")
        }
    }

    static func check(tags: [IAMTag]) throws(AWSError) {
        let isFine = tags.allSatisfy { tag in
            (1...128).contains(tag.key.unicodeScalars.count) && tag.value.unicodeScalars.count <= 256
        }
        guard isFine, tags.count <= 50 else { throw .invalidParameter(service: .iam, field: "Tags") }
    }

    private static func check(name: String, longest: Int, field: String) throws(AWSError) {
        guard (1...longest).contains(name.utf8.count),
            name.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "_+=,.@-".utf8.contains($0) })
        else { throw .invalidParameter(service: .iam, field: field) }
    }
}
