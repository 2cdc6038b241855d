import BursarFoundation
import TestSupport
import Testing

extension World {
    /// Changes the database in another process than the server's, as a program of the operator's would.
    func change(_ sql: String) async throws {
        _ = try await query(sql)
    }

    /// Changes what triggers protect, and leaves these as they were: an edit that the schema doesn't show.
    func edit(_ sql: String) async throws {
        let script = """
            import sqlite3, sys
            with sqlite3.connect(sys.argv[1], timeout=10) as db:
                triggers = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
                for name, _ in triggers: db.execute("DROP TRIGGER " + name)
                db.execute(sys.argv[2])
                for _, sql in triggers: db.execute(sql)
            """
        try await succeeded(run("/usr/bin/env", ["python3", "-c", script, database, sql]))
    }

    /// The number that `sql` asks for.
    func number(_ sql: String) async throws -> Int {
        try #require(Int(try await query(sql)))
    }

    private func query(_ sql: String) async throws -> String {
        let script = """
            import sqlite3, sys
            with sqlite3.connect(sys.argv[1], timeout=10) as db:
                print(*(db.execute(sys.argv[2]).fetchone() or [""]), end="")
            """
        return try await succeeded(run("/usr/bin/env", ["python3", "-c", script, database, sql])).output
    }

    /// Fails the test unless the chain of records holds, as another implementation than ours sees it.
    func verifyChain() async throws {
        let script = Checkout.root + "Tests/Benchmarks/Server/chain.py"
        try await succeeded(run("/usr/bin/env", ["python3", script, database]))
    }

    /// So many keys of ada's, in a file, one a line.
    func keysFile(count: Int) async throws -> String {
        var keys = ""
        for _ in 1...count { keys += try await succeeded(admin("keys issue ada")).output }
        let path = home + "/keys"
        try Data(keys.utf8).write(to: URL(filePath: path))
        return path
    }

    /// What became of requests that were all made at once.
    struct Crowd: Decodable {
        /// How many of each: `200`, or status and code.
        let outcomes: [String: Int]
        /// In seconds.
        let slowest: Double
        let fastest: Double
        /// How many answers said when to try again.
        let retryAfter: Int
    }

    /// So many requests at once, each over a connection of its own, with the keys of the file in turn.
    func crowd(
        of count: Int,
        at server: String,
        keys: String,
        path: String = "/credentials"
    ) async throws -> Crowd {
        try await load("client", [server, keys, "\(count)", path])
    }
}
