import BursarConsole
import BursarFoundation
import BursarModel
import PostgresStore
import Reports
import Storage

/// Findings about the PostgreSQL server that keeps the database, and the servers that share it.
struct PostgresFindings {
    /// The share of the connections that counts as most of them.
    private static let crowded = 0.8
    /// The difference that synchronized clocks never reach, in seconds.
    private static let skew = 5.0

    private let facts: PostgresServerFacts
    private let bytes: Int64

    /// `bytes` is the database's size.
    init(_ database: PostgresDatabase, bytes: Int64) throws {
        self.bytes = bytes
        facts = try database.serverFacts { Date() }
    }

    /// The server's free space isn't shown to its users, so a server full of refusals or other databases shows only when
    /// writes fail.
    var disk: Finding {
        .ok("disk", "\(ByteCount(bytes: bytes)) in use; the server doesn't show its free space: watch it there")
    }

    /// The difference of the clocks, of more than network delays.
    var clock: Finding? {
        let seconds = Int(facts.clockDifference.rounded())
        guard abs(facts.clockDifference) > Self.skew else { return nil }
        let words = "the database's clock is \(abs(seconds)) s \(seconds < 0 ? "behind" : "ahead of") this machine's"
        return .warning("clock", words, hint: "set both by NTP: timedatectl, chronyc tracking")
    }

    var others: [Finding] { [settings, failover, connections] + servers }

    private var settings: Finding {
        guard facts.writesFullPages else {
            return .warning(
                "postgres",
                "full_page_writes is off: a power cut may damage the database",
                hint: "turn it on, unless the file system never tears a page"
            )
        }
        return .ok("postgres", "PostgreSQL \(facts.version), which syncs each commit")
    }

    /// The fate of acknowledged vends when the primary is lost.
    private var failover: Finding {
        if facts.isManaged {
            return .ok(
                "failover",
                "RDS or Aurora: Multi-AZ keeps every commit; a read replica that is promoted may not"
            )
        }
        if facts.walLevel == "minimal" {
            return .warning(
                "failover",
                "wal_level is minimal, so there can be no standby and no continuous archive",
                hint: "wal_level = replica"
            )
        }
        guard !facts.synchronousStandbys.isEmpty else {
            return .warning(
                "failover",
                "no standby is synchronous: a failover may lose vends that were answered",
                hint: "synchronous_standby_names = 'ANY 1 (a, b)' on the primary, with two standbys"
            )
        }
        return .ok("failover", "a commit waits for \(facts.synchronousStandbys)")
    }

    private var connections: Finding {
        let (used, limit) = facts.connections
        let text = "\(used) of \(limit) in use"
        guard Double(used) > Self.crowded * Double(limit) else { return .ok("connections", text) }
        return .warning(
            "connections",
            text,
            hint: "raise max_connections, or lower BURSAR_DATABASE_CONNECTIONS (4 for each server)"
        )
    }

    private var servers: [Finding] {
        let running = facts.vendingServers.filter(\.isRunning)
        guard !running.isEmpty else {
            let detail = "none works on this database, so no server writes the chain's head into a log"
            return [.warning("servers", detail, hint: "vending-server serve")]
        }
        let names = running.map { "\($0.host) (\($0.version))" }.joined(separator: ", ")
        let count = running.count == 1 ? "1 runs" : "\(running.count) run"
        guard Set(running.map(\.version)).count == 1 else {
            return [.warning("servers", "\(count), of different versions: \(names)", hint: "finish the upgrade")]
        }
        return [.ok("servers", "\(count): \(names)")]
    }
}
