import BursarFoundation
import Storage
import SystemPackage
import TestSupport
import Testing

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
