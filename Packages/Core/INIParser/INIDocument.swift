/// A configuration file of AWS's tools, read as they read it and without a change to any of its bytes.
///
/// The reference is botocore, which reads with Python's `configparser` (as read in botocore 1.43
/// and Python 3.11): `name = value` or `name: value`, names in any case; comments are whole lines that begin with `#`
/// or `;`; a line indented deeper than its option goes on with that option's value; a header ends at the last `]` of
/// its line (in Python 3.9 and older at the first); `[DEFAULT]` holds for every section; nothing may come twice. A file
/// that those tools refuse is read as far as it can be, and ``error`` says why they refuse it.
package struct INIDocument: Sendable {
    /// Bytes of the longest file that is read; real ones hold a few thousand, generated ones a few million.
    package static let longestFile = 16 << 20

    package let bytes: [UInt8]
    /// In the order of the file, without `[DEFAULT]`; a section that comes twice is here twice.
    package let sections: [Section]
    /// The options of `[DEFAULT]`, which every section has unless it says otherwise.
    package let defaults: [ExactText: Option]
    /// The first thing in the file that makes AWS's tools refuse all of it; nil when they read it.
    package let error: INIError?

    package struct Section: Sendable {
        /// The text between the brackets, blanks included.
        package let name: ExactText
        /// The number of the header's line; the first line is 1.
        package let line: Int
        /// From the header's line to the last line that isn't blank or a comment, its line end included.
        package internal(set) var range: Range<Int>
        /// The options that stand in the section itself; of one that comes twice, the last.
        package internal(set) var options: [ExactText: Option] = [:]
        /// Those of `[DEFAULT]`.
        package internal(set) var defaults: [ExactText: Option] = [:]

        /// The option that counts in this section: its own, else that of `[DEFAULT]`.
        package subscript(_ name: ExactText) -> Option? { options[name] ?? defaults[name] }

        /// Every option that counts in this section.
        package var effectiveOptions: [ExactText: Option] { defaults.merging(options) { $1 } }
    }

    package struct Option: Sendable {
        /// The number of its line; the first line is 1.
        package let line: Int
        /// Its lines, those that go on with its value included.
        package internal(set) var range: Range<Int>
        package internal(set) var value = Value.text("")
        /// The lines of a value that isn't complete yet, each with its number.
        var lines: [(number: Int, text: String)] = []

        package var text: String? { value.text }
    }

    /// The value after `name =`.
    package enum Value: Equatable, Sendable {
        case text(String)
        /// An indented block of `name = value`, as under `s3 =`.
        case nested([ExactText: String])

        package var text: String? {
            guard case .text(let text) = self else { return nil }
            return text
        }
    }

    package init(_ bytes: [UInt8]) {
        let reader = INIReader(bytes)
        self.bytes = bytes
        sections = reader.sections
        defaults = reader.defaults
        error = reader.error
    }

    /// The line end that the file uses: that of its first line.
    package var lineEnd: String {
        guard let end = bytes.firstIndex(where: \.isLineEnd) else { return "\n" }
        guard bytes[end] == UInt8(ascii: "\r") else { return "\n" }
        return end + 1 < bytes.count && bytes[end + 1] == UInt8(ascii: "\n") ? "\r\n" : "\r"
    }
}

/// An error that makes AWS's tools refuse a whole configuration file, so that no profile in it works.
///
/// No case repeats the file's content.
package struct INIError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The first line is 1; nil when the file isn't text at all.
    package let line: Int?
    package let kind: Kind

    package enum Kind: Equatable, Sendable {
        case notUTF8
        /// UTF-16, recognised by its byte order mark, which Windows calls "Unicode".
        case utf16
        /// U+FEFF, which Windows editors put before UTF-8; files that were joined have it in the middle.
        case byteOrderMark
        /// An option before the first `[section]`.
        case noSection
        case sectionTwice
        case optionTwice
        /// Neither a section, a comment nor `name = value`; in an indented block, a line without `=`.
        case noValue
    }

    package init(line: Int?, _ kind: Kind) {
        self.line = line
        self.kind = kind
    }

    /// The error without the line.
    package var problem: String {
        switch kind {
        case .notUTF8: "not UTF-8 text"
        case .utf16: "UTF-16 text, where UTF-8 is read"
        case .byteOrderMark: "a byte order mark (U+FEFF), which no editor shows, stands before the text"
        case .noSection: "something stands before the first [section]"
        case .sectionTwice: "a section comes a second time"
        case .optionTwice: "an option comes a second time in its section"
        case .noValue: "neither a [section] nor name = value"
        }
    }

    /// The advice to the user.
    package var remedy: String {
        switch kind {
        case .notUTF8: "save it as UTF-8"
        case .utf16: "save it as UTF-8 without a byte order mark"
        case .byteOrderMark: "save it as UTF-8 without a byte order mark (sed -i 's/^\\xEF\\xBB\\xBF//' FILE)"
        case .noSection: "move it under its section, or delete it"
        case .sectionTwice: "join the two by hand"
        case .optionTwice: "delete one of the two"
        case .noValue: "correct or delete the line"
        }
    }

    package var description: String { (line.map { "line \($0): " } ?? "") + problem }
}

/// Changes to a file, worked out on its bytes: what isn't changed stays as it is, line ends and all.
extension INIDocument {
    /// The file with `section` at its end, and the text that was added: the section, with a blank line before it and
    /// the line end that the file may lack.
    package func appending(_ section: String) -> (bytes: [UInt8], added: String) {
        let added = separator + section
        return (bytes + Array(added.utf8), added)
    }

    private var separator: String {
        guard let last = bytes.last else { return "" }
        return last.isLineEnd ? lineEnd : lineEnd + lineEnd
    }

    package func replacing(_ range: Range<Int>, with text: some Collection<UInt8>) -> [UInt8] {
        bytes.replacing(range, with: text)
    }

    /// The file without `range`; the text behind it begins a line of its own.
    ///
    /// - Returns: the rest, and where a line end was put for that, if one was.
    package func removing(_ range: Range<Int>, puttingBack former: [UInt8] = []) -> (bytes: [UInt8], joint: Range<Int>?)
    {
        let before = Array(bytes[..<range.lowerBound]) + former
        let after = bytes[range.upperBound...]
        guard !after.isEmpty, let last = before.last, !last.isLineEnd else { return (before + after, nil) }
        let end = Array(lineEnd.utf8)
        return (before + end + after, before.count..<(before.count + end.count))
    }

    /// Returns true if each section that begins in `range` ends there too, so that no line of it would join another
    /// section.
    package func hasWholeSections(in range: Range<Int>) -> Bool {
        sections.allSatisfy { !range.contains($0.range.lowerBound) || $0.range.upperBound <= range.upperBound }
    }

    /// Returns true if lines inserted at `place` would be lines of their own there.
    package func beginsLine(at place: Int) -> Bool {
        guard place > 0, place < bytes.count else { return place == 0 || bytes.last?.isLineEnd ?? true }
        let isAmidCRLF = bytes[place - 1] == UInt8(ascii: "\r") && bytes[place] == UInt8(ascii: "\n")
        return bytes[place - 1].isLineEnd && !isAmidCRLF
    }
}

extension [UInt8] {
    /// The first place of `text` as lines of its own, not behind a comment sign.
    package func range(of text: String) -> Range<Int>? {
        let text = Array(text.utf8)
        guard let first = text.first, text.count <= count else { return nil }
        let start = (0...(count - text.count)).first { start in
            self[start] == first && (first.isLineEnd || start == 0 || self[start - 1].isLineEnd)
                && self[start..<(start + text.count)].elementsEqual(text)
        }
        return start.map { $0..<($0 + text.count) }
    }

    package func replacing(_ range: Range<Int>, with bytes: some Collection<UInt8>) -> [UInt8] {
        Array(self[..<range.lowerBound]) + bytes + self[range.upperBound...]
    }
}

extension ArraySlice<UInt8> {
    /// Each line with its line end, which is LF, CR LF or CR, as in Python's universal newlines; the last may lack one.
    package var lines: [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var rest = self
        while let end = rest.firstIndex(where: \.isLineEnd) {
            let isPair =
                rest[end] == UInt8(ascii: "\r") && end + 1 < rest.endIndex && rest[end + 1] == UInt8(ascii: "\n")
            let next = end + (isPair ? 2 : 1)
            lines.append(rest[..<next])
            rest = rest[next...]
        }
        if !rest.isEmpty { lines.append(rest) }
        return lines
    }

    var withoutLineEnd: ArraySlice<UInt8> {
        prefix { !$0.isLineEnd }
    }
}

extension UInt8 {
    package var isLineEnd: Bool { self == UInt8(ascii: "\n") || self == UInt8(ascii: "\r") }
}
