import ArgumentParser
import BursarConsole

enum ListFormat: String, CaseIterable, ExpressibleByArgument {
    case table
    case json
    case csv
}

/// A row that lists can show: to people as cells, to programs as JSON.
protocol TableRow: Encodable {
    static var columns: [Table.Column] { get }
    /// As CSV has them; empty where there is nothing to say.
    var cells: [String] { get }
    /// The same for people, where that is shorter or says more.
    var tableCells: [String] { get }
    /// What cells say beside their words, by the columns' titles.
    var tones: [String: Table.Tone] { get }
}

extension TableRow {
    var tableCells: [String] { cells }
    var tones: [String: Table.Tone] { [:] }

    /// What a table shows: a dash where there is nothing, so that no column seems to be missing.
    var shownCells: [String] { tableCells.map { $0.isEmpty ? "-" : $0 } }
}

/// Rows in the form that was asked for, all of them with the same facts.
struct RowOutput<Row: TableRow> {
    let rows: [Row]
    /// What a table says when there are none.
    let whenEmpty: String

    func print(as format: ListFormat, on terminal: Terminal) throws {
        if format == .table, rows.isEmpty { return terminal.note(whenEmpty) }
        try terminal.print(try text(as: format, terminal.output, width: terminal.width))
    }

    /// `width` is that of a terminal, nil where there is none.
    func text(as format: ListFormat, _ decoration: Decoration, width: Int? = nil) throws -> String {
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

/// How an answer that is no list is printed.
enum ReportFormat: String, CaseIterable, ExpressibleByArgument {
    case text
    case json
}

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
