import ArgumentParser
import Console

/// The name of a region: `us-east-1`.
struct AWSRegion: Hashable, Sendable, CustomStringConvertible {
    let description: String

    /// nil for anything but lower-case letters, digits and hyphens.
    init?(_ text: String) {
        let isRegion =
            (1...32).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
        guard isRegion else { return nil }
        description = text
    }

    /// As an option's value.
    static func parse(_ text: String) throws -> AWSRegion {
        guard let region = AWSRegion(text) else { throw ValidationError("a region is like us-east-1") }
        return region
    }
}
