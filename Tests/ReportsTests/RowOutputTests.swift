import BursarConsole
import BursarFoundation
import BursarModel
import Testing

@testable import Reports

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
            // The text as Terminal.print writes it on a terminal.
            let shown = ControlText.lines(text, .plain)
            #expect(!shown.unicodeScalars.contains("\u{1B}") && shown.contains("[31m"), "\(shown)")
        }
    }

    @Test func `a program gets CSV as it is`() throws {
        #expect(try listing.text(as: .csv, .plain) == "name\r\na\u{1B}[31m")
    }
}

/// Times as tables say them.
@Suite struct ShortTimestampTests {
    private static let now = "2026-11-30T12:00:00Z"

    @Test(arguments: [
        ("2026-11-30T16:25:42Z", "today 16:25"), ("2026-11-30T00:00:00Z", "today 00:00"),
        ("2026-11-29T23:59:59Z", "2026-11-29 23:59"), ("2026-12-01T00:00:00Z", "2026-12-01 00:00"),
        ("2026-11-28T12:00:01Z", "2026-11-28 12:00"), ("2026-11-28T11:59:59Z", "2026-11-28"),
        ("2026-12-05T00:00:00Z", "2026-12-05"),
    ])
    func `a moment`(_ time: String, _ text: String) throws {
        let (date, now) = (try #require(Timestamp.date(time)), try #require(Timestamp.date(Self.now)))
        #expect(ShortTimestamp.moment(date, at: now) == text)
    }

    @Test(arguments: [("2026-11-30T16:24:05Z", "30 Nov 2026, 16:24", "30 November 2026, 16:24 UTC")])
    func `a page`(_ time: String, _ short: String, _ long: String) throws {
        let date = try #require(Timestamp.date(time))
        #expect(PageTime.short(date) == short)
        #expect(PageTime.long(date) == long)
    }
}
