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

    /// The file without `range`; what stands behind it begins a line of its own.
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

    /// Whether each section that begins in `range` ends there too, so that no line of it would join another section.
    package func hasWholeSections(in range: Range<Int>) -> Bool {
        sections.allSatisfy { !range.contains($0.range.lowerBound) || $0.range.upperBound <= range.upperBound }
    }

    /// Whether lines put at `place` would be lines of their own there.
    package func beginsLine(at place: Int) -> Bool {
        guard place > 0, place < bytes.count else { return place == 0 || bytes.last?.isLineEnd ?? true }
        let isAmidCRLF = bytes[place - 1] == UInt8(ascii: "\r") && bytes[place] == UInt8(ascii: "\n")
        return bytes[place - 1].isLineEnd && !isAmidCRLF
    }
}

extension [UInt8] {
    /// The first place where `text` stands as lines of its own, not behind a comment sign.
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
