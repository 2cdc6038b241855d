/// Reads AWS's config and credentials files as botocore does, which is as Python's `configparser` does.
///
/// `name = value` or `name: value`; names in any case; whole-line comments with `#` or `;` and no others; indented
/// lines continue a value; `[DEFAULT]` holds for every section; nothing may stand twice.
struct ConfigParser {
    private var sections: [(section: ConfigSection, lines: [String: (first: Int, text: [String])])] = []
    private var names: Set<String> = []
    private var defaults: [String: (first: Int, text: [String])] = [:]
    /// nil before the first header; -1 for `[DEFAULT]`.
    private var current: Int?
    private var setting: String?
    private var indent = 0

    /// Settings of `[DEFAULT]` times sections, as each section gets its own copy.
    static let mostDefaults = 100_000

    static func parse(_ bytes: [UInt8]) throws(ConfigFault) -> [ConfigSection] {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .notUTF8 }
        var parser = Self()
        // A line ends with LF, CR LF or CR; by scalars, since CR LF is one `Character`.
        let scalars = text.unicodeScalars
        var number = 1
        var start = scalars.startIndex
        while start < scalars.endIndex {
            let end = scalars[start...].firstIndex { $0 == "\n" || $0 == "\r" } ?? scalars.endIndex
            try parser.read(scalars[start..<end], number: number)
            number += 1
            guard end < scalars.endIndex else { break }
            start = scalars.index(after: end)
            if scalars[end] == "\r", start < scalars.endIndex, scalars[start] == "\n" {
                start = scalars.index(after: start)
            }
        }
        return try parser.finished()
    }

    private mutating func read(_ line: Substring.UnicodeScalarView, number: Int) throws(ConfigFault) {
        let content = PythonText.stripped(line)
        let isComment = content.first == "#" || content.first == ";"
        guard !content.isEmpty, !isComment else {
            if !isComment { append("") }
            return
        }
        let depth = line.prefix { PythonText.isSpace($0) }.count
        if current != nil, setting != nil, depth > indent {
            append(String(content))
            return
        }
        indent = depth
        if content.first == "[", let end = content.lastIndex(of: "]"), content.index(after: content.startIndex) < end {
            try open(String(content[content.index(after: content.startIndex)..<end]), number: number)
            return
        }
        guard current != nil else { throw .noSection(line: number) }
        guard let mark = content.firstIndex(where: { $0 == "=" || $0 == ":" }) else {
            throw .notASetting(line: number)
        }
        let name = String(PythonText.stripped(content[..<mark])).lowercased()
        guard !name.isEmpty else { throw .notASetting(line: number) }
        let value = String(PythonText.stripped(content[content.index(after: mark)...]))
        try set(name, value, number: number)
    }

    private mutating func open(_ name: String, number: Int) throws(ConfigFault) {
        setting = nil
        guard name != "DEFAULT" else {
            current = -1
            return
        }
        guard names.insert(name).inserted else { throw .sectionTwice(line: number) }
        sections.append((ConfigSection(name: name), [:]))
        current = sections.count - 1
    }

    private mutating func set(_ name: String, _ value: String, number: Int) throws(ConfigFault) {
        guard let current else { return }
        let isKnown = current < 0 ? defaults[name] != nil : sections[current].lines[name] != nil
        guard !isKnown else { throw .settingTwice(line: number) }
        setting = name
        if current < 0 {
            defaults[name] = (number, [value])
        } else {
            sections[current].lines[name] = (number, [value])
        }
    }

    private mutating func append(_ line: String) {
        guard let current, let setting else { return }
        if current < 0 {
            defaults[setting]?.text.append(line)
        } else {
            sections[current].lines[setting]?.text.append(line)
        }
    }

    private func finished() throws(ConfigFault) -> [ConfigSection] {
        guard sections.count * defaults.count <= Self.mostDefaults else { throw .tooManyDefaults }
        var finished: [ConfigSection] = []
        for (section, lines) in sections {
            var section = section
            for (name, value) in defaults.merging(lines, uniquingKeysWith: { $1 }) {
                section.settings[name] = try Self.value(value.text, first: value.first)
            }
            finished.append(section)
        }
        return finished
    }

    private static func value(_ lines: [String], first: Int) throws(ConfigFault) -> ConfigValue {
        let joined = PythonText.strippedAtEnd(lines.joined(separator: "\n"))
        guard joined.unicodeScalars.first == "\n" else { return .text(joined) }
        var nested: [String: String] = [:]
        for line in joined.unicodeScalars.split(whereSeparator: PythonText.isLineBreak)
        where !PythonText.stripped(line).isEmpty {
            guard let mark = line.firstIndex(of: "=") else { throw .notANestedSetting(line: first) }
            let name = String(PythonText.stripped(line[..<mark]))
            nested[name] = String(PythonText.stripped(line[line.index(after: mark)...]))
        }
        return .nested(nested)
    }
}
