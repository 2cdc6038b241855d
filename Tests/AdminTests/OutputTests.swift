import FoundationEssentials
import Storage
import SystemPackage
import TestSupport
import Testing

/// A file that somebody names is never the database.
@Suite struct OutputTests {
    private let desk: UsageDesk

    init() throws {
        desk = try UsageDesk()
        _ = try desk.add("ada")
        let manager = FileManager.default
        try manager.createSymbolicLink(atPath: desk.folder + "/link", withDestinationPath: desk.database)
        try manager.createSymbolicLink(atPath: desk.folder + "/folder", withDestinationPath: desk.folder + "/state")
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
        let sequence = try desk.store.chainHead().sequence
        let outcome = try await desk.admin("\(command) \(desk.folder)\(place)")
        #expect(outcome.exitCode == 1)
        #expect(
            outcome.errors == """
                admin: error: \(FilePath(desk.folder + place)) is the database, or a file that belongs to it
                admin: hint: name a new one

                """
        )
        #expect(try desk.store.chainHead().sequence == sequence)
        #expect(try desk.store.firstBrokenRecord() == nil)
    }
}
