import BursarCore

/// Where the sections of an AWS configuration file are, without a change to any of its bytes.
///
/// Reads as Python's `configparser` does, since that is what botocore and the AWS CLI read with: comments are whole
/// lines that begin with `#` or `;`, and a line indented deeper than its option goes on with that option's value.
struct INIDocument {
    let bytes: [UInt8]
    let sections: [Section]

    struct Section {
        /// What stands between the brackets, without blanks at its ends.
        let header: String
        /// From the header's line to the last line that isn't blank or a comment, its line end included.
        fileprivate(set) var range: Range<Int>
        /// The options by name in lower case; of one that comes twice, the last.
        fileprivate(set) var options: [String: String] = [:]
        /// The lines of each option, those that go on with its value included.
        fileprivate(set) var ranges: [String: Range<Int>] = [:]
    }

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        var reader = Reader()
        for line in bytes[...].lines {
            reader.read(line.indices, String(decoding: line, as: UTF8.self))
        }
        sections = reader.sections
    }

    /// The line end that the file uses: that of its first line.
    var lineEnd: String {
        guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else { return "\n" }
        return end > 0 && bytes[end - 1] == UInt8(ascii: "\r") ? "\r\n" : "\n"
    }
}

extension ArraySlice<UInt8> {
    /// Each line with its line end; the last may lack one.
    var lines: [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var rest = self
        while !rest.isEmpty {
            let end = rest.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? rest.endIndex
            lines.append(rest[..<end])
            rest = rest[end...]
        }
        return lines
    }
}

/// Goes through the lines and remembers what the next one may continue.
private struct Reader {
    var sections: [INIDocument.Section] = []
    private var option: String?
    private var indentation = 0

    mutating func read(_ range: Range<Int>, _ line: String) {
        let line = line.first == "\u{FEFF}" ? line.dropFirst() : line[...]
        let text = line.trimmingASCIIWhitespace()
        guard let first = text.first, first != "#", first != ";" else { return }
        let depth = line.prefix { $0 == " " || $0 == "\t" }.count
        let continuedOption = depth > indentation ? option : nil
        if continuedOption == nil, first == "[", let end = text.firstIndex(of: "]") {
            let header = text[..<end].dropFirst().trimmingASCIIWhitespace()
            sections.append(INIDocument.Section(header: String(header), range: range))
            option = nil
            indentation = depth
            return
        }
        guard let section = sections.indices.last else { return }
        sections[section].range = sections[section].range.lowerBound..<range.upperBound
        if let continuedOption {
            let start = sections[section].ranges[continuedOption]?.lowerBound ?? range.lowerBound
            sections[section].ranges[continuedOption] = start..<range.upperBound
            return
        }
        indentation = depth
        let parts = text.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == "=" || $0 == ":" }
        let name = parts[0].trimmingASCIIWhitespace().lowercased()
        option = name
        sections[section].ranges[name] = range
        sections[section].options[name] = parts.dropFirst().first.map { String($0.trimmingASCIIWhitespace()) } ?? ""
    }
}
