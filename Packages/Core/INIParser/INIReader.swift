import BursarModel

/// Goes through the lines of a file as Python's `RawConfigParser` does, and remembers where everything is.
struct INIReader {
    private(set) var sections: [INIDocument.Section] = []
    private(set) var defaults: [ExactText: INIDocument.Option] = [:]
    private(set) var error: INIError?

    /// Whose options the lines that come next are.
    private enum Place {
        case nowhere
        case defaults
        case section(Int)
    }

    private var place = Place.nowhere
    /// The option that a more deeply indented line continues.
    private var option: ExactText?
    private var indentation = 0
    private var names: Set<ExactText> = []

    init(_ bytes: [UInt8]) {
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            error = INIError(line: nil, .utf16)
        } else if String(validating: bytes, as: UTF8.self) == nil {
            error = INIError(line: nil, .notUTF8)
        }
        for (index, line) in bytes[...].lines.enumerated() {
            let text = String(decoding: line.withoutLineEnd, as: UTF8.self)
            read(text.unicodeScalars[...], INIDocument.Line(number: index + 1, range: line.indices))
        }
        finish()
    }

    private mutating func refuse(_ kind: INIError.Kind, line: Int) {
        if error == nil { error = INIError(line: line, kind) }
    }

    private mutating func read(_ text: Substring.UnicodeScalarView, _ line: INIDocument.Line) {
        let content = ConfigParserWhitespace.stripped(text)
        // A blank line is a part of the value, if more of that follows; a comment never is.
        guard let first = content.first else { return goOn("", line, isBlank: true) }
        guard first != "#", first != ";" else { return }
        let depth = text.prefix { ConfigParserWhitespace.isSpace($0) }.count
        if option != nil, depth > indentation { return goOn(String(content), line, isBlank: false) }
        indentation = depth
        if first == "[", let end = content.lastIndex(of: "]"), content.index(after: content.startIndex) < end {
            return open(ExactText(String(content[..<end].dropFirst())), line)
        }
        readOption(content, line)
    }

    private mutating func open(_ name: ExactText, _ line: INIDocument.Line) {
        option = nil
        guard name != "DEFAULT" else {
            place = .defaults
            return
        }
        if !names.insert(name).inserted { refuse(.sectionTwice, line: line.number) }
        sections.append(INIDocument.Section(name: name, line: line.number, range: line.range))
        place = .section(sections.count - 1)
    }

    private mutating func readOption(_ content: Substring.UnicodeScalarView, _ line: INIDocument.Line) {
        extendSection(line)
        let isMarked = content.first == "\u{FEFF}"
        if case .nowhere = place { return refuse(isMarked ? .byteOrderMark : .noSection, line: line.number) }
        guard let sign = content.firstIndex(where: { $0 == "=" || $0 == ":" }) else {
            return refuse(isMarked ? .byteOrderMark : .noValue, line: line.number)
        }
        let name = ExactText(ConfigParserWhitespace.lowercased(ConfigParserWhitespace.stripped(content[..<sign])))
        guard !name.text.isEmpty else {
            option = nil
            return refuse(.noValue, line: line.number)
        }
        var value = INIDocument.Option(line: line.number, range: line.range)
        value.lines = [(line.number, String(ConfigParserWhitespace.stripped(content[content.index(after: sign)...])))]
        option = name
        let isKnown =
            switch place {
            case .nowhere: false
            case .defaults: defaults.updateValue(value, forKey: name) != nil
            case .section(let index): sections[index].options.updateValue(value, forKey: name) != nil
            }
        if isKnown { refuse(.optionTwice, line: line.number) }
    }

    /// One more line of the value that the last option has.
    private mutating func goOn(_ text: String, _ line: INIDocument.Line, isBlank: Bool) {
        guard let option else { return }
        func extend(_ value: inout INIDocument.Option) {
            value.lines.append((line.number, text))
            if !isBlank { value.range = value.range.lowerBound..<line.range.upperBound }
        }
        switch place {
        case .nowhere: break
        case .defaults: defaults[option].mutate(extend)
        case .section(let index): sections[index].options[option].mutate(extend)
        }
        if !isBlank { extendSection(line) }
    }

    private mutating func extendSection(_ line: INIDocument.Line) {
        guard case .section(let index) = place else { return }
        sections[index].range = sections[index].range.lowerBound..<line.range.upperBound
    }

    /// Joins the lines of each value, and hands `[DEFAULT]` on to every section.
    ///
    /// An indented block that can't be read is a fault only where a section has it.
    private mutating func finish() {
        var faults: [Int] = []
        var owners: [ExactText: Int] = [:]
        for index in sections.indices {
            for name in sections[index].options.keys {
                owners[name, default: 0] += 1
                if let line = sections[index].options[name]?.join() { faults.append(line) }
            }
        }
        for name in defaults.keys {
            guard let line = defaults[name]?.join(), owners[name, default: 0] < sections.count else { continue }
            faults.append(line)
        }
        for index in sections.indices { sections[index].defaults = defaults }
        guard let line = faults.min() else { return }
        if let known = error, known.line.map({ $0 <= line }) ?? true { return }
        error = INIError(line: line, .noValue)
    }
}

extension INIDocument {
    /// A line's number, from 1, and where it is, its line end included.
    struct Line {
        let number: Int
        let range: Range<Int>
    }
}

extension INIDocument.Option {
    /// Makes the value of the lines, as `configparser` joins them and botocore's `_parse_nested` takes them apart.
    ///
    /// - Returns: the number of the first line that can't be read as a part of a block.
    fileprivate mutating func join() -> Int? {
        let text = ConfigParserWhitespace.strippedAtEnd(lines.map(\.text).joined(separator: "\n"))
        defer { lines = [] }
        value = .text(text)
        guard text.unicodeScalars.first == "\n" else { return nil }
        var nested: [ExactText: String] = [:]
        for (number, line) in lines {
            for part in line.unicodeScalars.split(whereSeparator: ConfigParserWhitespace.isLineBreak) {
                let part = ConfigParserWhitespace.stripped(part)
                guard !part.isEmpty else { continue }
                guard let sign = part.firstIndex(of: "=") else { return number }
                let name = ExactText(String(ConfigParserWhitespace.stripped(part[..<sign])))
                nested[name] = String(ConfigParserWhitespace.stripped(part[part.index(after: sign)...]))
            }
        }
        value = .nested(nested)
        return nil
    }
}

extension Optional {
    /// Changes what is there, in its place.
    fileprivate mutating func mutate(_ change: (inout Wrapped) -> Void) {
        guard var value = take() else { return }
        change(&value)
        self = value
    }
}

/// Blanks and small letters as Python's `str` sees them, for what botocore decides: how files are read, what is signed.
package enum ConfigParserWhitespace {
    /// True for the characters that `str.strip` removes: white space of Unicode and the four information separators.
    package static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        let value = scalar.value
        guard value >= 0x80 else {
            return value == 0x20 || (0x09...0x0D).contains(value) || (0x1C...0x1F).contains(value)
        }
        return scalar.properties.isWhitespace
    }

    /// True for the line ends of `str.splitlines`, which are more than LF and CR.
    package static func isLineBreak(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0A...0x0D, 0x1C...0x1E, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }

    package static func stripped(_ text: Substring.UnicodeScalarView) -> Substring.UnicodeScalarView {
        guard let first = text.firstIndex(where: { !isSpace($0) }), let last = text.lastIndex(where: { !isSpace($0) })
        else { return text[text.endIndex...] }
        return text[first...last]
    }

    package static func strippedAtEnd(_ text: String) -> String {
        let scalars = text.unicodeScalars
        guard let last = scalars.lastIndex(where: { !isSpace($0) }) else { return "" }
        return String(scalars[...last])
    }

    /// `str.lower`, which unlike Swift's `lowercased` has a final sigma of its own.
    package static func lowercased(_ text: Substring.UnicodeScalarView) -> String {
        guard text.contains("\u{3A3}") else { return String(text).lowercased() }
        var result = ""
        for index in text.indices {
            let scalar = text[index]
            let isFinal = scalar == "\u{3A3}" && isFinalSigma(at: index, in: text)
            result += isFinal ? "\u{3C2}" : scalar.properties.lowercaseMapping
        }
        return result
    }

    /// Behind a cased letter, and before none; what is case-ignorable lies between without a meaning.
    private static func isFinalSigma(at index: String.Index, in text: Substring.UnicodeScalarView) -> Bool {
        let before = text[..<index].last { !$0.properties.isCaseIgnorable }
        let after = text[text.index(after: index)...].first { !$0.properties.isCaseIgnorable }
        return before?.properties.isCased == true && after?.properties.isCased != true
    }
}
