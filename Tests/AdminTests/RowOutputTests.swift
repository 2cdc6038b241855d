import BursarConsole
import Testing

@testable import admin

/// Lists as terminals and programs get them.
@Suite struct RowOutputTests {
    private struct Row: TableRow {
        static let columns = [Table.Column("name")]
        let name: String
        var cells: [String] { [name] }
    }

    private let listing = RowOutput(rows: [Row(name: "a\u{1B}[31m")], whenEmpty: "")

    @Test func `no form of it lets control characters at a terminal`() throws {
        for format in ListFormat.allCases {
            let text = try listing.text(as: format, .plain, width: 80)
            // What Terminal.print has of it on a terminal.
            let shown = ControlText.lines(text, .plain)
            #expect(!shown.unicodeScalars.contains("\u{1B}") && shown.contains("[31m"), "\(shown)")
        }
    }

    @Test func `a program gets CSV as it is`() throws {
        #expect(try listing.text(as: .csv, .plain) == "name\r\na\u{1B}[31m")
    }
}
