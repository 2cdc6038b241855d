/// A length drawn with block characters, an eighth of a column exact.
package enum Bar {
    private static let eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
    private static let levels = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

    /// `value` of `most` in at most `width` columns; what is more than nothing is never invisible.
    package static func text(_ value: Int, of most: Int, width: Int) -> String {
        guard value > 0, most > 0, width > 0 else { return "" }
        let share = min(1, Double(value) / Double(most))
        let units = max(1, Int((share * Double(width * 8)).rounded()))
        return String(repeating: "█", count: units / 8) + eighths[units % 8]
    }

    /// The same, so thin that bars of lines one below the other don't touch.
    package static func thin(_ value: Int, of most: Int, width: Int) -> String {
        guard value > 0, most > 0, width > 0 else { return "" }
        let share = min(1, Double(value) / Double(most))
        return String(repeating: "━", count: max(1, Int((share * Double(width)).rounded())))
    }

    /// A column of one character for each value, the highest for `most`, a blank for none.
    package static func line(_ values: [Int], of most: Int) -> String {
        values.map { value in
            guard value > 0, most > 0 else { return " " }
            let share = min(1, Double(value) / Double(most))
            return levels[max(0, min(7, Int((share * 8).rounded(.up)) - 1))]
        }.joined()
    }
}
