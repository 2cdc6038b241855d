/// Comma-separated values as RFC 4180 writes them.
package enum CSV {
    /// One line, without its end.
    ///
    /// Cells that a spreadsheet would run as a formula are made text by an apostrophe.
    package static func line(_ cells: [String]) -> String {
        cells.map { quote(neutralize($0)) }.joined(separator: ",")
    }

    private static func neutralize(_ cell: String) -> String {
        guard let first = cell.unicodeScalars.first, "=+-@\t\r".unicodeScalars.contains(first), cell != "-" else {
            return cell
        }
        return "'" + cell
    }

    private static func quote(_ cell: String) -> String {
        guard cell.unicodeScalars.contains(where: { "\",\r\n".unicodeScalars.contains($0) }) else { return cell }
        var quoted = "\""
        for character in cell {
            quoted += character == "\"" ? "\"\"" : String(character)
        }
        return quoted + "\""
    }
}
