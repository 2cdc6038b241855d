package import BursarConsole

/// The output formats of lists.
package enum ListFormat: String, CaseIterable, Sendable {
    case table
    case json
    case csv
}

/// A row of a list: cells for people, JSON for programs.
package protocol TableRow: Encodable {
    static var columns: [Table.Column] { get }
    /// The cells of CSV; an empty cell is a missing value.
    var cells: [String] { get }
    /// The cells of a table, where those are shorter or clearer than ``cells``.
    var tableCells: [String] { get }
    /// The tones of cells, by column title.
    var tones: [String: Table.Tone] { get }
}

extension TableRow {
    package var tableCells: [String] { cells }
    package var tones: [String: Table.Tone] { [:] }

    /// The cells of a table with a dash for each empty one, so that no column seems to be missing.
    package var shownCells: [String] { tableCells.map { $0.isEmpty ? "-" : $0 } }
}

/// Rows in the requested format; all formats carry the same facts.
package struct RowOutput<Row: TableRow> {
    private let rows: [Row]
    private let whenEmpty: String

    /// `whenEmpty` is the note that replaces an empty table.
    package init(rows: [Row], whenEmpty: String) {
        self.rows = rows
        self.whenEmpty = whenEmpty
    }

    package func print(as format: ListFormat, on terminal: Terminal) throws {
        if format == .table, rows.isEmpty { return terminal.note(whenEmpty) }
        try terminal.print(try text(as: format, terminal.output, width: terminal.width))
    }

    /// Returns the text; `width` is the terminal's, nil when there is none.
    package func text(as format: ListFormat, _ decoration: Decoration, width: Int? = nil) throws -> String {
        switch format {
        case .table:
            var table = Table(Row.columns)
            for row in rows { table.append(row.shownCells, tones: row.tones) }
            return table.text(decoration, width: width)
        case .json:
            return try JSONText.of(rows)
        case .csv:
            let lines = [Row.columns.map(\.title)] + rows.map(\.cells)
            return lines.map(CSV.line).joined(separator: "\r\n")
        }
    }
}

/// The output formats of reports that aren't lists.
package enum ReportFormat: String, CaseIterable, Sendable {
    case text
    case json
}

extension Terminal {
    /// Prints rows on standard error, for commands whose standard output has another use.
    package func report<Row: TableRow>(_ rows: [Row]) throws {
        guard !rows.isEmpty else { return }
        var table = Table(Row.columns)
        for row in rows { table.append(row.shownCells, tones: row.tones) }
        let width = TerminalSize(of: .errors)?.columns
        try StandardStream.errors.write(table.text(errors, width: width) + "\n")
    }
}

/// One thing with its details: a key-value table for people, JSON for programs.
package protocol DetailSheet: Encodable {
    var details: KeyValueTable { get }
}

extension Terminal {
    package func print(_ sheet: some DetailSheet, as format: KeyValueFormat) throws {
        switch format {
        case .table: try print(sheet.details.text(output))
        case .json: try print(JSONText.of(sheet))
        }
    }
}
