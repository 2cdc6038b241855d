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

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: "_+=,.@-".utf8.contains(byte)
        }
    }
}
