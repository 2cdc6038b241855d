import Console
import Testing

@testable import admin

/// Lists as terminals and programs get them.
@Suite struct ListingTests {
    private struct Row: Listed {
        static let columns = [Table.Column("name")]
        let name: String
        var cells: [String] { [name] }
    }

    private let listing = Listing(rows: [Row(name: "a\u{1B}[31m")], whenEmpty: "")

    @Test func `no form of it lets control characters at a terminal`() throws {
        for format in ListFormat.allCases {
            #expect(try !listing.text(as: format, .plain, width: 80).unicodeScalars.contains("\u{1B}"))
        }
    }

    @Test func `a program gets CSV as it is`() throws {
        #expect(try listing.text(as: .csv, .plain) == "name\r\na\u{1B}[31m")
    }
}
