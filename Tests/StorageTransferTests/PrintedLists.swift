import BursarFoundation
import PostgresStore
import StorageTestSupport
import TestSupport
import Testing

@testable import Storage

/// The lists and reports that `admin` prints of a database.
enum PrintedLists {
    /// Commands that only read; the last one is on record, so that it comes last.
    private static let commands =
        ["researcher", "project", "key", "day", "outcome", "address"].flatMap { by in
            ["csv", "json"].map { "usage report --by \(by) --since 2026-01-01 --until 2027-12-31 --format \($0)" }
        } + [
            "usage report --project looms --by key --since 2026-01-01 --until 2027-12-31 --format json",
            "researchers list --format json", "researchers list --format csv", "keys list --format json",
            "keys list --format csv", "sessions list --format json", "audit list --limit 400 --format json",
            "audit list --actions --format csv", "whois 192.0.2.0/24 --format json", "audit verify --format json",
            "usage export --format csv",
        ]

    /// Returns what each command prints of the database at `place`.
    static func all(of place: String, home: String) async throws -> [(command: String, text: String)] {
        let environment = [
            "PATH": "/usr/bin:/bin", "HOME": home, "LC_ALL": "C.UTF-8", "TZ": "UTC", "BURSAR_DATABASE": place,
        ]
        let program = Program(Checkout.program("admin"), environment: environment)
        var texts: [(String, String)] = []
        for command in commands {
            let outcome = try await program.run(command.split(separator: " ").map(String.init))
            #expect(outcome.isSuccess, "\(command): \(outcome.errors)")
            texts.append((command, outcome.output))
        }
        return texts
    }
}
