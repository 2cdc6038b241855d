import BursarConsole

extension Terminal {
    /// Rows on stderr, where stdout is for something else; nothing when there are none.
    func tell<Row: TableRow>(_ rows: [Row]) throws {
        guard !rows.isEmpty else { return }
        var table = Table(Row.columns)
        for row in rows { table.append(row.shownCells, tones: row.tones) }
        let width = TerminalSize(of: .errors)?.columns
        try StandardStream.errors.write(table.text(errors, width: width) + "\n")
    }
}
