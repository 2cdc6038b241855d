import BursarCore

/// What makes the AWS CLI and boto3 refuse a whole configuration file, so that no profile in it works.
///
/// What Python's `configparser` and botocore's `_parse_nested` refuse, as read in botocore 1.44.5 with Python 3.11,
/// and nothing else.
struct ConfigFlaw: Equatable {
    /// The first line is 1; nil when the file isn't text at all.
    let line: Int?
    let kind: Kind

    enum Kind: Equatable {
        case notUTF8
        case noSection
        case sectionTwice
        case optionTwice
        case noValue
    }

    /// The first flaw of a file, if there is any.
    static func first(in bytes: [UInt8]) -> ConfigFlaw? {
        guard let text = String(validating: bytes, as: UTF8.self) else { return ConfigFlaw(line: nil, kind: .notUTF8) }
        var check = Check()
        // "\r\n" is one Character, but a line may end in any of the three.
        let lines = text.replacing("\r\n", with: "\n").unicodeScalars
            .split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r" }
        for (index, line) in lines.enumerated() {
            if let kind = check.read(line) { return ConfigFlaw(line: index + 1, kind: kind) }
        }
        return nil
    }
}

/// Goes through the lines as `configparser` does, names compared by their code points.
private struct Check {
    private typealias Name = [Unicode.Scalar]
    private var seen: Set<Name> = []
    private var options: [Name: Set<Name>] = [:]
    private var section: Name?
    private var hasOption = false
    /// The option's own line has no value: what follows is a list of options of its own.
    private var isNested = false
    private var indentation = 0

    mutating func read(_ line: Substring.UnicodeScalarView) -> ConfigFlaw.Kind? {
        let text = line.trimmed
        guard let first = text.first, first != "#", first != ";" else { return nil }
        let depth = line.prefix { $0.isPythonSpace }.count
        if hasOption, depth > indentation { return isNested && !text.contains("=") ? .noValue : nil }
        indentation = depth
        if first == "[", let end = text.lastIndex(of: "]"), text.index(after: text.startIndex) < end {
            return open(Array(text[..<end].dropFirst()))
        }
        guard let section else { return .noSection }
        return readOption(text, of: section)
    }

    private mutating func open(_ name: Name) -> ConfigFlaw.Kind? {
        section = name
        hasOption = false
        // configparser's own section of defaults may come again.
        return name == Array("DEFAULT".unicodeScalars) || seen.insert(name).inserted ? nil : .sectionTwice
    }

    private mutating func readOption(_ text: Substring.UnicodeScalarView, of section: Name) -> ConfigFlaw.Kind? {
        guard let sign = text.firstIndex(where: { $0 == "=" || $0 == ":" }), sign != text.startIndex else {
            return .noValue
        }
        let name = String(text[..<sign].trimmed).lowercased()
        hasOption = true
        isNested = text[sign...].dropFirst().trimmed.isEmpty
        return options[section, default: []].insert(Array(name.unicodeScalars)).inserted ? nil : .optionTwice
    }
}

extension Substring.UnicodeScalarView {
    fileprivate var trimmed: Self {
        var rest = drop { $0.isPythonSpace }
        while rest.last?.isPythonSpace == true { rest.removeLast() }
        return rest
    }
}

extension Unicode.Scalar {
    /// What `str.strip` removes: white space of Unicode and the four information separators.
    fileprivate var isPythonSpace: Bool {
        properties.isWhitespace || (0x1C...0x1F).contains(value)
    }
}
