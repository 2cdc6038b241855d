import BursarFoundation
import TestSupport
import Testing

extension World {
    /// Changes the database in a process other than the server's, as an operator's program would.
    func change(_ sql: String) async throws {
        _ = try await query(sql)
    }

    /// Changes data that triggers protect, and leaves these as they were: an edit that the schema doesn't show.
    func edit(_ sql: String) async throws {
        let script = """
            import sqlite3, sys
            with sqlite3.connect(sys.argv[1], timeout=600) as db:
                triggers = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
                for name, _ in triggers: db.execute("DROP TRIGGER " + name)
                db.execute(sys.argv[2])
                for _, sql in triggers: db.execute(sql)
            """
        try await succeeded(run("/usr/bin/env", ["python3", "-c", script, database, sql]))
    }

    /// The number that `sql` returns.
    func number(_ sql: String) async throws -> Int {
        try #require(Int(try await query(sql)))
    }

    private func query(_ sql: String) async throws -> String {
        let script = """
            import sqlite3, sys
            with sqlite3.connect(sys.argv[1], timeout=600) as db:
                print(*(db.execute(sys.argv[2]).fetchone() or [""]), end="")
            """
        return try await succeeded(run("/usr/bin/env", ["python3", "-c", script, database, sql])).output
    }

    /// Fails the test unless another implementation than Bursar's accepts the chain of records.
    func verifyChain() async throws {
        let script = Checkout.root + "Tests/Benchmarks/Server/chain.py"
        try await succeeded(run("/usr/bin/env", ["python3", script, database]))
    }

    /// Creates `count` keys of ada's, in a file, one a line.
    func keysFile(count: Int) async throws -> String {
        var keys = ""
        for _ in 1...count { keys += try await succeeded(admin("keys issue ada")).output }
        let path = home + "/keys"
        try Data(keys.utf8).write(to: URL(filePath: path))
        return path
    }

    /// The outcomes of concurrent requests.
    struct Crowd: Decodable {
        /// The number of each: `200`, or status and code.
        let outcomes: [String: Int]
        /// In seconds.
        let slowest: Double
        let fastest: Double
        /// The number of responses with a Retry-After.
        let retryAfter: Int
    }

    /// Sends `count` requests at once, each over a connection of its own, with the keys of the file in turn.
    func crowd(
        of count: Int,
        at server: String,
        keys: String,
        path: String = "/credentials"
    ) async throws -> Crowd {
        try await load("client", [server, keys, "\(count)", path])
    }
}

/// A row of the record in the database.
struct Recorded: Decodable, Equatable {
    let kind: String
    var address: String?
    var reason: String?
    var detail: String?
}

extension World {
    private static let reading = """
        import json, sqlite3, sys
        records = sqlite3.connect(sys.argv[1], timeout=600)
        records.row_factory = sqlite3.Row
        rows = records.execute("SELECT kind, address, reason, detail FROM records ORDER BY sequence")
        print(json.dumps([{k: row[k] for k in row.keys() if row[k] is not None} for row in rows]))
        """

    /// The record so far, in order; only `kind` if it is given.
    func records(_ kind: String? = nil) async throws -> [Recorded] {
        let outcome = try await succeeded(peer("python", ["-c", Self.reading, database]))
        let all = try JSONDecoder().decode([Recorded].self, from: Data(outcome.output.utf8))
        return all.filter { kind == nil || $0.kind == kind }
    }
}
