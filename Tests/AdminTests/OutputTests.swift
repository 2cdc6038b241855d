import BursarConsole
import BursarFoundation
import BursarModel
import Enrollment
import Reports
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import admin

/// An output file is never the database.
@Suite struct OutputTests {
    private let context: UsageDatabase

    init() throws {
        context = try UsageDatabase()
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
        let sequence = try context.store.audit.chainHead().sequence
        let outcome = try await context.admin("\(command) \(context.folder)\(place)")
        #expect(outcome.exitCode == 1)
        #expect(
            outcome.errors == """
                admin: error: \(FilePath(context.folder + place)) is the database, or a file that belongs to it
                admin: hint: name a new one

                """
        )
        #expect(try context.store.audit.chainHead().sequence == sequence)
        #expect(try context.store.audit.firstBrokenRecord() == nil)
    }
}

/// Ends of keys and stays as lists say them.
struct ShortEndTests {
    private static let now = "2026-11-30T12:00:00Z"

    @Test(arguments: [("2026-12-06T00:00:00Z", "2026-12-05"), ("2026-12-05T16:25:00Z", "2026-12-05")])
    func `an end far away is the last day`(_ time: String, _ text: String) throws {
        let (date, now) = (try #require(Timestamp.date(time)), try #require(Timestamp.date(Self.now)))
        #expect(ShortTimestamp.end(date, at: now) == text)
        #expect(ExpiryParser.lastDay(before: date) == text)
    }
}
