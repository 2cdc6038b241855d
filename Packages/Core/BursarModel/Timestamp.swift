package import BursarFoundation

/// RFC 3339 times as they stand on the wire.
package enum Timestamp {
    /// The suffix for UTC.
    package enum UTCDesignator: String, Sendable {
        /// The form that the Go SDK and every other client read.
        case zulu = "Z"
        /// The form that helpers on Python 3.10 and older need, since `fromisoformat` there refuses `Z`.
        case offset = "+00:00"
    }

    /// `2026-01-02T03:04:05Z`: whole seconds, rounded down, so that no lifetime is overstated.
    package static func string(_ date: Date, _ designator: UTCDesignator = .zulu) -> String {
        let whole = Date(timeIntervalSince1970: date.timeIntervalSince1970.rounded(.down))
        return String(whole.formatted(.iso8601).dropLast()) + designator.rawValue
    }

    /// Reads `Z` or a numeric offset, with or without fractions of a second; nil when it is neither.
    ///
    /// RFC 3339 §5.6 allows small letters and a blank in place of `T`; botocore also reads `UTC` and an offset without
    /// its colon, which other tools' caches hold.
    package static func date(_ text: String) -> Date? {
        guard text.utf8.count <= 40 else { return nil }
        let text = canonical(text)
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: text.contains("."))
        return try? style.parse(text)
    }

    private static func canonical(_ text: String) -> String {
        var bytes = Array(text.utf8)
        guard bytes.count > 19 else { return text }
        if bytes[10] == UInt8(ascii: "t") || bytes[10] == UInt8(ascii: " ") { bytes[10] = UInt8(ascii: "T") }
        if let zone = [" UTC", "UTC", "z"].first(where: { text.hasSuffix($0) }) {
            bytes.replaceSubrange((bytes.count - zone.utf8.count)..., with: "Z".utf8)
        }
        let sign = bytes.count - 5
        if [UInt8(ascii: "+"), UInt8(ascii: "-")].contains(bytes[sign]), sign >= 19 {
            bytes.insert(UInt8(ascii: ":"), at: sign + 3)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
