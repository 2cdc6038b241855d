package import BursarFoundation

/// A database of either engine, as the roles of ``Store`` use it.
///
/// Errors are ``StoreError``s.
package protocol Database: Sendable {
    /// The file's path, or the address without a secret: what messages name it by.
    var name: String { get }

    /// Runs `fetch` on one consistent state of the database.
    func read<Value>(_ fetch: (any Transaction) throws -> Value) throws -> Value

    /// Runs `fetch` as the other ``read(_:)`` does, on a thread that may wait.
    func read<Value: Sendable>(_ fetch: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value

    /// Runs `change` in one transaction that no other writer's overlaps, and commits it durably.
    ///
    /// It begins after all earlier writers' commits and sees them: quotas, pauses, revocations and the chain need no other
    /// lock. If it throws, nothing is changed.
    func write<Value>(_ change: (any Transaction) throws -> Value) throws -> Value

    /// Seconds by which the clock that all programs of the database share is ahead of this machine's; 0 if each machine's
    /// own counts.
    var clockOffset: TimeInterval { get }

    /// Checks that writes still reach the database that was opened.
    ///
    /// - Throws: ``StoreError/replaced(path:)``.
    func checkIsInPlace() throws(StoreError)

    /// Prepares for a server's steady commits, after which ``maintain()`` must be called about once a second.
    func beginServing() throws

    /// Does what would otherwise hold up a commit, while vends go on.
    func maintain() throws

    /// Returns true if a write would leave at least the fraction `reserve` of the database's space free.
    func hasRoom(beyond reserve: Double) throws -> Bool

    /// Bytes that are free for the database; nil if that isn't known.
    var freeBytes: Int64? { get }

    /// The bytes of the database, and of the log beside it that isn't in it yet.
    func size() throws -> (database: Int64, log: Int64)

    /// The number of the schema's last migration.
    func schemaVersion() throws -> Int

    /// Returns the first flaw that `check` finds; nil if there is none.
    func firstFlaw(_ check: EngineCheck) throws -> String?
}

/// The kind of process that uses a database.
package enum DatabaseUse: Sendable {
    /// A server: its callers wait for their credentials.
    case server
    /// A command: it waits longer and reads much at once.
    case console
    /// A command that only reads, from a database whose schema may have been altered.
    case examination
}

/// The checks that an engine makes of its own files and tables.
package enum EngineCheck: Sendable {
    /// A check that a start can afford.
    case quick
    case schema
    case pages
    case references
}

extension Database {
    package var clockOffset: TimeInterval { 0 }

    /// Tests if a vend can be recorded: writes its rows and rolls them back, then overwrites a filler that is larger than
    /// a vend, durably.
    package func probe() throws {
        try write { db in
            try db.execute("SAVEPOINT vend", [])
            var chain = try Chain.current(db)
            try chain.append(RecordEntry(kind: .vend, occurred: 0), to: db)
            try db.change(
                "INSERT INTO usage_daily (day, key_id, outcome, count, last_at) VALUES (0, '', 'probe', 1, 0)"
            )
            try db.change(
                "INSERT INTO usage_networks (day, key_id, network, count, last_at) VALUES (0, '', 'probe', 1, 0)"
            )
            try db.change("INSERT INTO usage_totals (day, outcome, count, last_at) VALUES (0, 'probe', 1, 0)")
            try db.execute("ROLLBACK TO SAVEPOINT vend", [])
            try db.execute("RELEASE SAVEPOINT vend", [])
            var random = SystemRandomNumberGenerator()
            let filler = (0..<4096).flatMap { _ in withUnsafeBytes(of: random.next(), Array.init) }
            try db.change("UPDATE probe SET filler = ?", [filler])
        }
    }
}
