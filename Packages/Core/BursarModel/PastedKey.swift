/// A key as people hand it in: typed, pasted out of a mail, or out of a file that an editor or PowerShell saved.
///
/// Invisible characters are skipped everywhere, since the key's check shows when too much is missing: white space
/// and line breaks, no-break and zero-width characters, a byte order mark. So are quotes around it. Anything else is
/// named.
package enum PastedKey {
    /// The reason why a text holds no key.
    package enum ParseError: Error, Equatable {
        case malformed(ResearcherKey.ParseError)
        /// It would be a key's length but for a character that no key has.
        case stray(Unicode.Scalar)
        /// A whole key with more around it: `KEY=…`, `<…>`, `Bearer …`. What can't be a secret is named, else `…`;
        /// empty where there is nothing.
        case surrounded(before: String, after: String)
        /// Neither UTF-8 nor UTF-16.
        case notText
    }

    package static func read(_ bytes: [UInt8]) throws(ParseError) -> ResearcherKey {
        guard let text = text(of: bytes) else { throw .notText }
        return try read(text)
    }

    package static func read(_ text: String) throws(ParseError) -> ResearcherKey {
        let seen = text.unicodeScalars.filter { !isInvisible($0) }
        guard let first = seen.firstIndex(where: { !isQuote($0) }), let last = seen.lastIndex(where: { !isQuote($0) })
        else { throw .malformed(.notAKey) }
        let scalars = seen[first...last]
        do {
            return try ResearcherKey(parsing: String(String.UnicodeScalarView(scalars)))
        } catch {
            let isNearly = scalars.starts(with: "bursar_".unicodeScalars) && scalars.count == ResearcherKey.length
            if isNearly, let stray = scalars.first(where: { !isOfKeys($0) }) { throw .stray(stray) }
            throw clientContext(in: Array(text.unicodeScalars)) ?? .malformed(error)
        }
    }

    /// The error for text around the one key in `text`; nil if there is none, or more than one.
    private static func clientContext(in text: [Unicode.Scalar]) -> ParseError? {
        let seen = text.indices.filter { !isInvisible(text[$0]) }
        let starts = seen.indices.filter { start in
            guard start + ResearcherKey.length <= seen.count else { return false }
            let scalars = seen[start..<(start + ResearcherKey.length)].map { text[$0] }
            return (try? ResearcherKey(parsing: String(String.UnicodeScalarView(scalars)))) != nil
        }
        guard starts.count == 1, let start = starts.first else { return nil }
        func name(_ part: ArraySlice<Unicode.Scalar>, _ isKnown: (String) -> Bool) -> String {
            let words = String(String.UnicodeScalarView(part)).split { $0.unicodeScalars.allSatisfy(isInvisible) }
            let text = words.joined(separator: " ")
            return text.isEmpty || isKnown(text) ? text : "\u{2026}"
        }
        let last = seen[start + ResearcherKey.length - 1]
        return .surrounded(
            before: name(text[..<seen[start]], isLabel),
            after: name(text[(last + 1)...]) { $0.count <= 3 && $0.allSatisfy { !$0.isLetter && !$0.isNumber } }
        )
    }

    /// Returns true for the text that people and tools write before a key, which holds no secret: `export KEY=`,
    /// `x-api-key:`, `Bearer`, `<`.
    private static func isLabel(_ text: String) -> Bool {
        let marks: Set<Character> = ["<", "(", "[", "{", "\"", "'", "`", "=", ":", "$", ">", "-", "*", ",", ";"]
        let known: Set = [
            "export", "set", "setenv", "env", "bearer", "authorization", "x-api-key", "api-key", "apikey", "api_key",
            "key", "token", "password", "secret", "header",
        ]
        guard text.unicodeScalars.count <= 64 else { return false }
        return text.split { $0 == " " || marks.contains($0) && $0 != "-" }.allSatisfy { word in
            let isName = text.contains("=") && word.allSatisfy { $0.isASCII && ($0.isUppercase || $0 == "_") }
            return isName || known.contains(word.lowercased()) || word.allSatisfy { marks.contains($0) }
        }
    }

    /// With a byte order mark as it says, else UTF-8, or UTF-16 by the zeros that it has instead of every other byte.
    private static func text(of bytes: [UInt8]) -> String? {
        let zeros = (bytes.first == 0, bytes.dropFirst().first == 0)
        let isEven = bytes.count.isMultiple(of: 2)
        if isEven, bytes.starts(with: [0xFE, 0xFF]) || zeros == (true, false) {
            return String(validating: units(of: bytes, highFirst: true), as: UTF16.self)
        }
        if isEven, bytes.starts(with: [0xFF, 0xFE]) || zeros == (false, true) {
            return String(validating: units(of: bytes, highFirst: false), as: UTF16.self)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func units(of bytes: [UInt8], highFirst: Bool) -> [UInt16] {
        stride(from: 0, to: bytes.count, by: 2).map { index in
            let (first, second) = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
            return highFirst ? first << 8 | second : second << 8 | first
        }
    }

    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        let properties = scalar.properties
        return properties.isWhitespace || properties.isDefaultIgnorableCodePoint
            || properties.generalCategory == .control
    }

    private static func isQuote(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "`" || scalar.properties.isQuotationMark
    }

    private static func isOfKeys(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "_" || UInt8(exactly: scalar.value)?.isASCIILetterOrDigit == true
    }
}
