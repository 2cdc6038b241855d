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

    /// What is wrong with a region that was set, and by which variable, if it was one.
    static func problem(_ text: String, _ environment: [String: String]) -> String {
        let variable = ["AWS_REGION", "AWS_DEFAULT_REGION"].first { environment[$0] == text }
        let shown = text.count > 40 ? text.prefix(39) + "…" : text[...]
        return "\(variable ?? "the region that is set") is not the name of a region: \"\(shown)\""
    }

    /// As an option's value.
    static func parse(_ text: String) throws -> AWSRegion {
        guard let region = AWSRegion(text) else { throw ValidationError("a region is like us-east-1") }
        return region
    }
}
