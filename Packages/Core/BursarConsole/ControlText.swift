import BursarModel

/// Text from a server or a file, made safe to print: it can't move a cursor, set a colour or reverse a line.
package enum ControlText {
    /// `text` with each control or direction character written out, as `\u{1B}`; the rest stays as it is.
    package static func visible(_ text: some StringProtocol) -> String {
        guard text.unicodeScalars.contains(where: isUnsafe) else { return String(text) }
        var result = ""
        for scalar in text.unicodeScalars {
            if isUnsafe(scalar) {
                result += #"\u{\#(String(scalar.value, radix: 16, uppercase: true))}"#
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// Lines for a terminal: the same, but that they end, have tabs, and are decorated.
    package static func lines(_ text: String, _ decoration: Decoration) -> String {
        guard text.unicodeScalars.contains(where: { isUnsafe($0) && $0 != "\n" }) else { return text }
        var result = ""
        var rest = Substring(text).unicodeScalars
        let codes = decoration == .plain ? [] : Decoration.codes.map(\.unicodeScalars)
        while let scalar = rest.first {
            if scalar == "\u{1B}", let code = codes.first(where: { rest.starts(with: $0) }) {
                result.unicodeScalars.append(contentsOf: code)
                rest.removeFirst(code.count)
                continue
            }
            rest.removeFirst()
            let isLayout = scalar == "\n" || scalar == "\t" || (scalar == "\r" && rest.first == "\n")
            result += isLayout ? String(scalar) : visible(String(scalar))
        }
        return result
    }

    /// JSON with those characters as JSON writes them, `\\u009b`: it says the same, and can be printed.
    package static func escaped(json: String) -> String {
        guard json.unicodeScalars.contains(where: isHidden) else { return json }
        var result = ""
        for scalar in json.unicodeScalars {
            if isHidden(scalar) {
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16)
                    result += #"\u"# + String(repeating: "0", count: 4 - digits.count) + digits
                }
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// True for characters that occur only inside JSON strings: C0 is escaped there already, and occurs between values
    /// too.
    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value >= 0x7F && isUnsafe(scalar)
    }

    /// C0, DEL, C1, line separators, and what changes the direction of text or hides in it.
    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0...0x1F, 0x7F...0x9F, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x206F, 0xFEFF, 0xE0000...0xE007F:
            true
        default:
            false
        }
    }

    /// Returns typed text fit for an error message: printable, at most 64 characters, with keys redacted.
    package static func brief(_ text: String) -> String {
        let text = Redaction.keys(in: text)
        return visible(text.count > 64 ? "\(text.prefix(63))…" : text)
    }
}

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
