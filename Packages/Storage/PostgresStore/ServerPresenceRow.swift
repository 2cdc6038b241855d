import BursarFoundation
import BursarModel
import Storage
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// This server's row in the table of servers that run.
final class ServerPresenceRow: Sendable {
    /// The interval between its updates.
    private static let interval = Duration.seconds(5)
    /// The time after an update for which a server counts as running: until the third one is missing.
    static let validity = Duration.seconds(15)

    private let id = UUID().uuidString
    private let next = Mutex<ContinuousClock.Instant?>(nil)

    /// Runs the statement that writes the row, if that is due; rows of servers that ended a day ago go.
    func announce(_ run: (PostgresStatement) throws -> Void) throws {
        let now = ContinuousClock.now
        guard next.withLock({ $0.map { $0 <= now } ?? true }) else { return }
        try run(
            PostgresStatement(
                """
                WITH now AS (SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now),
                    ended AS (DELETE FROM servers USING now WHERE seen_at < now - 86400000 AND id <> ?)
                INSERT INTO servers (id, host, version, seen_at, revision)
                SELECT ?, ?, ?, now, value FROM now, revision
                ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at, revision = excluded.revision
                """,
                [.text(id), .text(id), .text(Self.host), .text(Version.current)]
            )
        )
        next.withLock { $0 = now + Self.interval }
    }

    private static var host: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension PostgresDatabase {
    /// The hosts of the servers that run, each as often as servers run there.
    package func servers() throws -> [String] {
        try read { db in
            try db.values(
                """
                SELECT host AS value FROM servers
                WHERE seen_at > (extract(epoch FROM clock_timestamp()) * 1000)::bigint - ? ORDER BY host, id
                """,
                [Int64(ServerPresenceRow.validity / .milliseconds(1))]
            )
        }
    }
}
