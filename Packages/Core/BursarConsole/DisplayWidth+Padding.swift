extension DisplayWidth {
    /// `text` in exactly so many columns, cut off or filled with blanks.
    package static func padded(_ text: String, to columns: Int, alignedRight: Bool = false) -> String {
        let text = fit(text, in: columns)
        let blanks = String(repeating: " ", count: max(0, columns - of(text)))
        return alignedRight ? blanks + text : text + blanks
    }
}
