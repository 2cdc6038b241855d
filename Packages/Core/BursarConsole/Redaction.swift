import BursarModel

/// Takes keys out of text that people read: a key is pasted into the wrong place sooner or later.
package enum Redaction {
    private static let prefix = Array("bursar_".utf8)
    private static let idLength = 12

    /// `text` with each `bursar_<id>_<rest>` as `bursar_<id>_…`; the id is public and helps to find the key.
    ///
    /// The rest goes up to the next blank, so that a mistyped key is covered too, but for the marks at its very end.
    package static func keys(in text: String) -> String {
        var rest = Array(text.utf8)[...]
        var result: [UInt8] = []
        while let found = rest.firstRange(of: prefix) {
            let idEnd = found.upperBound + idLength
            guard idEnd < rest.endIndex, rest[idEnd] == UInt8(ascii: "_"),
                rest[found.upperBound..<idEnd].allSatisfy(\.isASCIILetterOrDigit)
            else {
                result += rest[..<found.upperBound]
                rest = rest[found.upperBound...]
                continue
            }
            let word = rest[idEnd...].prefix { $0 > 0x20 }
            let secretEnd = word.lastIndex(where: \.isASCIILetterOrDigit).map { $0 + 1 } ?? word.endIndex
            result += rest[...idEnd] + "…".utf8
            rest = rest[secretEnd...]
        }
        return String(decoding: result + rest, as: UTF8.self)
    }
}
