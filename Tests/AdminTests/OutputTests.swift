import BursarConsole
import BursarFoundation
import BursarModel
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import admin

/// A file that somebody names is never the database.
@Suite struct OutputTests {
    private let context: UsageDesk

    init() throws {
        context = try UsageDesk()
        _ = try context.add("ada")
        let manager = FileManager.default
        try manager.createSymbolicLink(atPath: context.folder + "/link", withDestinationPath: context.database)
        try manager.createSymbolicLink(
            atPath: context.folder + "/folder",
            withDestinationPath: context.folder + "/state"
        )
    }

    private static let places = [
        "/state/bursar.sqlite", "/state/bursar.sqlite-wal", "/state/bursar.sqlite-shm", "/state/bursar.sqlite.server",
        "/state/../state//bursar.sqlite", "/link", "/folder/bursar.sqlite", "/folder/bursar.sqlite.server",
    ]

    @Test(
        arguments: [
            "usage report --output", "usage report --force --output", "usage report --format html --force --output",
            "usage export --output", "database backup", "keys issue ada --key-file",
        ],
        places
    )
    func `the database and what is beside it are never written over`(_ command: String, _ place: String) async throws {
        let sequence = try context.store.chainHead().sequence
        let outcome = try await context.admin("\(command) \(context.folder)\(place)")
        #expect(outcome.exitCode == 1)
        #expect(
            outcome.errors == """
                admin: error: \(FilePath(context.folder + place)) is the database, or a file that belongs to it
                admin: hint: name a new one

                """
        )
        #expect(try context.store.chainHead().sequence == sequence)
        #expect(try context.store.firstBrokenRecord() == nil)
    }
}

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

    @Test(arguments: [("2026-12-06T00:00:00Z", "2026-12-05"), ("2026-12-05T16:25:00Z", "2026-12-05")])
    func `an end far away is the last day`(_ time: String, _ text: String) throws {
        let (date, now) = (try #require(Timestamp.date(time)), try #require(Timestamp.date(Self.now)))
        #expect(ShortTimestamp.end(date, at: now) == text)
        #expect(ExpiryParser.lastDay(before: date) == text)
    }

    @Test(arguments: [("2026-11-30T16:24:05Z", "30 Nov 2026, 16:24", "30 November 2026, 16:24 UTC")])
    func `a page`(_ time: String, _ short: String, _ long: String) throws {
        let date = try #require(Timestamp.date(time))
        #expect(PageTime.short(date) == short)
        #expect(PageTime.long(date) == long)
    }
}
