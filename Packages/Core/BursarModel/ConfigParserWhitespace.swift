/// Blanks and small letters as Python's `str` sees them, for what botocore decides: how files are read, what is signed.
package enum ConfigParserWhitespace {
    /// What `str.strip` removes: white space of Unicode and the four information separators.
    package static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        let value = scalar.value
        guard value >= 0x80 else {
            return value == 0x20 || (0x09...0x0D).contains(value) || (0x1C...0x1F).contains(value)
        }
        return scalar.properties.isWhitespace
    }

    /// Where `str.splitlines` splits, which is at more than LF and CR.
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
