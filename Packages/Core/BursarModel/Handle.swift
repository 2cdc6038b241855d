/// A researcher's name inside AWS: what STS takes as a session name, so that every call carries it.
///
/// 2 to 64 characters of `A–Z a–z 0–9 _ + = , . @ -` (the pattern of `RoleSessionName` and `SourceIdentity`,
/// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html).
package struct Handle: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    /// A handle as it was typed; nil when STS would refuse it.
    package init?(_ text: String) {
        guard (2...64).contains(text.utf8.count), text.utf8.allSatisfy(Self.isAllowed) else { return nil }
        description = text
    }

    /// The handle in lower case, which is the same for all spellings of one researcher's handle.
    package var folded: String { description.lowercased() }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        byte.isASCIILetterOrDigit || "_+=,.@-".utf8.contains(byte)
    }
}
