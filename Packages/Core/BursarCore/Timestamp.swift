#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// RFC 3339 times as they stand on the wire.
package enum Timestamp {
    /// How UTC is written.
    package enum UTCDesignator: String, Sendable {
        /// What the Go SDK and every other client reads.
        case zulu = "Z"
        /// What helpers on Python 3.10 and older need, since `fromisoformat` there refuses `Z`.
        case offset = "+00:00"
    }

    /// `2026-01-02T03:04:05Z`: whole seconds, rounded down, so that nobody is told of life that isn't there.
    package static func string(_ date: Date, _ designator: UTCDesignator = .zulu) -> String {
        let whole = Date(timeIntervalSince1970: date.timeIntervalSince1970.rounded(.down))
        return String(whole.formatted(.iso8601).dropLast()) + designator.rawValue
    }

    /// Reads `Z` or a numeric offset, with or without fractions of a second; nil when it is neither.
    package static func date(_ text: String) -> Date? {
        guard text.utf8.count <= 40 else { return nil }
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: text.contains("."))
        return try? style.parse(text)
    }
}
