/// Comma-separated values as RFC 4180 writes them.
package enum CSV {
    /// The characters that make a spreadsheet read a cell as a formula, in either width, or split it before one.
    private static let starts = "=+-@\t\r\n\u{FF1D}\u{FF0B}\u{FF0D}\u{FF20}".unicodeScalars
    /// The characters that end a cell, `;` included, which spreadsheets of some locales use as the separator.
    private static let separators = "\",;\t\r\n".unicodeScalars

    /// One line, without its end.
    ///
    /// Cells that a spreadsheet would run as a formula are made text by an apostrophe.
    package static func line(_ cells: [String]) -> String {
        cells.map { quote(neutralize($0)) }.joined(separator: ",")
    }

    private static func neutralize(_ cell: String) -> String {
        guard let first = cell.unicodeScalars.first, starts.contains(first), cell != "-" else { return cell }
        return "'" + cell
    }

    /// By scalars: a quote that carries an accent is still a quote.
    private static func quote(_ cell: String) -> String {
        guard cell.unicodeScalars.contains(where: separators.contains) else { return cell }
        var quoted = "\""
        for scalar in cell.unicodeScalars {
            if scalar == "\"" { quoted += "\"" }
            quoted.unicodeScalars.append(scalar)
        }
        return quoted + "\""
    }
}
