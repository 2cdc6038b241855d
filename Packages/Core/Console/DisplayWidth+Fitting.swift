extension DisplayWidth {
    /// `text` in at most `width` columns; what doesn't fit is cut off, and `…` says so.
    package static func fitting(_ text: String, in width: Int) -> String {
        guard of(text) > width else { return text }
        guard width > 0 else { return "" }
        var result = ""
        var left = width - 1
        for character in text {
            left -= of(String(character))
            if left < 0 { break }
            result.append(character)
        }
        return result + "…"
    }

    /// `text` in exactly `width` columns, cut off or filled with blanks.
    package static func padded(_ text: String, to width: Int, alignedRight: Bool = false) -> String {
        let text = fitting(text, in: width)
        let blanks = String(repeating: " ", count: max(0, width - of(text)))
        return alignedRight ? blanks + text : text + blanks
    }
}
