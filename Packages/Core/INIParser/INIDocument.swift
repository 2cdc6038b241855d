/// A configuration file of AWS's tools, read as they read it and without a change to any of its bytes.
///
/// What counts is what botocore makes of a file, and it reads with Python's `configparser` (as read in botocore 1.43
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
        /// What stands between the brackets, blanks included.
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
        /// What the value is made of, each with its line's number, until it is.
        var lines: [(number: Int, text: String)] = []

        package var text: String? { value.text }
    }

    /// What stands after `name =`.
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

/// What makes AWS's tools refuse a whole configuration file, so that no profile in it works.
///
/// No case repeats what the file holds.
package struct INIError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The first line is 1; nil when the file isn't text at all.
    package let line: Int?
    package let kind: Kind

    package enum Kind: Equatable, Sendable {
        case notUTF8
        /// Windows' "Unicode", told by its byte order mark.
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

    /// What is wrong, without the line.
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

    /// What to do about it.
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
