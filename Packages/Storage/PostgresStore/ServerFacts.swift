package import BursarFoundation
import Storage

/// A PostgreSQL server's state and settings, as far as Bursar's promises rest on them.
package struct PostgresServerFacts: Sendable {
    /// A server of Bursar's that has announced itself within a day.
    package struct VendingServer: Sendable, Equatable {
        package let host: String
        package let version: String
        /// Seconds since its last announcement, by the database's clock.
        package let age: Double
        /// True if it is at work, or has ended within the last moments: it announces itself every five seconds.
        package var isRunning: Bool { .seconds(age) < ServerPresenceRow.validity }
    }

    package let version: String
    /// The database's clock minus this machine's, in seconds.
    package let clockDifference: Double
    /// Connections of all users, and the most that ordinary users may have.
    package let connections: (used: Int, limit: Int)
    /// `synchronous_standby_names`; empty if a commit waits for no standby.
    package let synchronousStandbys: String
    /// True on RDS and Aurora, which replicate below PostgreSQL.
    package let isManaged: Bool
    package let writesFullPages: Bool
    package let walLevel: String
    package let vendingServers: [VendingServer]
}

extension PostgresDatabase {
    /// Reads the facts; any login may.
    package func serverFacts(now: () -> Date) throws -> PostgresServerFacts {
        try read { db in
            let begin = now()
            let clock: Int64 = try db.value(Self.clock) ?? 0
            let middle = begin.addingTimeInterval(now().timeIntervalSince(begin) / 2)
            let servers = try db.map(
                "SELECT host, version, seen_at FROM servers WHERE seen_at > ? ORDER BY host, version, id",
                [clock - 86_400_000]
            ) { row in
                PostgresServerFacts.VendingServer(
                    host: try row["host"],
                    version: try row["version"],
                    age: Double(clock - (try row["seen_at"] as Int64)) / 1000
                )
            }
            guard
                let facts = try db.map(
                    Self.settings,
                    [],
                    { row in
                        PostgresServerFacts(
                            version: try row["version"],
                            clockDifference: Double(clock) / 1000 - middle.timeIntervalSince1970,
                            connections: (try row["used"], try row["capacity"]),
                            synchronousStandbys: try row["standbys"],
                            isManaged: try row["is_managed"],
                            writesFullPages: try row["full_page_writes"] as String == "on",
                            walLevel: try row["wal_level"],
                            vendingServers: servers
                        )
                    }
                ).first
            else { throw StoreError.unavailable(cause: "the server's settings can't be read") }
            return facts
        }
    }

    private static let clock = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS value"

    private static let settings = """
        SELECT current_setting('server_version') AS version, current_setting('synchronous_standby_names') AS standbys,
            current_setting('full_page_writes') AS full_page_writes, current_setting('wal_level') AS wal_level,
            current_setting('max_connections')::bigint - current_setting('superuser_reserved_connections')::bigint
                AS capacity,
            (SELECT sum(numbackends)::bigint FROM pg_stat_database) AS used,
            EXISTS (SELECT FROM pg_roles WHERE rolname = 'rds_superuser') AS is_managed
        """
}
