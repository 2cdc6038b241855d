import BursarModel

/// The limits that CloudFormation documents for its parameters, checked before anything is sent.
///
/// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
enum CloudFormationLimits {
    /// Bytes of a template that is sent with the call; longer ones have to come from S3.
    static let longestTemplate = 51_200

    /// A name: a letter, then letters, digits and hyphens, 128 at most.
    static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, first.isASCIILetterOrDigit, !(0x30...0x39).contains(first),
            text.utf8.count <= 128
        else { return false }
        return text.utf8.allSatisfy { $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "-") }
    }

    /// A stack by its name or its ARN.
    static func check(stack: String) throws(AWSError) {
        guard isName(stack) || isARN(stack, of: ":stack/") else { throw invalid("StackName") }
    }

    /// A change set by its ARN, which names its stack as well.
    static func check(changeSet: String) throws(AWSError) {
        guard isARN(changeSet, of: ":changeSet/") else { throw invalid("ChangeSetName") }
    }

    /// A token that makes a repeated call the same call.
    static func check(token: String) throws(AWSError) {
        guard let first = token.utf8.first, first.isASCIILetterOrDigit, token.utf8.count <= 128,
            token.utf8.allSatisfy({ $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "-") })
        else { throw invalid("ClientRequestToken") }
    }

    static func check(template: String) throws(AWSError) {
        guard (1...longestTemplate).contains(template.utf8.count) else { throw invalid("TemplateBody") }
    }

    static func check(tags: [CloudFormationTag]) throws(AWSError) {
        let isFine = tags.allSatisfy { tag in
            (1...128).contains(tag.key.unicodeScalars.count) && (1...256).contains(tag.value.unicodeScalars.count)
                && !tag.key.lowercased().hasPrefix("aws:")
        }
        guard isFine, tags.count <= 50 else { throw invalid("Tags") }
    }

    private static func isARN(_ text: String, of kind: String) -> Bool {
        text.hasPrefix("arn:") && text.contains(kind) && text.utf8.count <= 1600
            && text.utf8.allSatisfy { $0.isASCIILetterOrDigit || "-:/._+".utf8.contains($0) }
    }

    private static func invalid(_ field: String) -> AWSError {
        .invalidParameter(service: .cloudFormation, field: field)
    }
}

/// A tag of a stack, which CloudFormation puts on what it makes as well.
public struct CloudFormationTag: Sendable, Equatable {
    public let key: String
    public let value: String

    public init(_ key: String, _ value: String) {
        self.key = key
        self.value = value
    }

    init?(_ element: XMLElement) {
        guard let key = element["Key"]?.text, !key.isEmpty else { return nil }
        self.init(key, element["Value"]?.text ?? "")
    }
}
