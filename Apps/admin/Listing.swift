import ArgumentParser
import Console

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

enum ListFormat: String, CaseIterable, ExpressibleByArgument {
    case table
    case json
    case csv
}

/// A row that lists can show: to people as cells, to programs as JSON.
protocol Listed: Encodable {
    static var columns: [Table.Column] { get }
    var cells: [String] { get }
}

/// Rows in the form that was asked for, all of them with the same facts.
struct Listing<Row: Listed> {
    let rows: [Row]
    /// What a table says when there are none.
    let whenEmpty: String

    func print(as format: ListFormat, on terminal: Terminal) throws {
        switch format {
        case .table:
            guard !rows.isEmpty else { return terminal.note(whenEmpty) }
            var table = Table(Row.columns)
            for row in rows { table.append(row.cells) }
            try terminal.print(table.text(terminal.output, width: terminal.width))
        case .json:
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            try terminal.print(String(decoding: try encoder.encode(rows), as: UTF8.self))
        case .csv:
            let lines = [Row.columns.map(\.title)] + rows.map(\.cells)
            try terminal.print(lines.map(CSV.line).joined(separator: "\r\n"))
        }
    }
}
