import BursarFoundation
package import BursarModel
import GRDB
package import Vending

extension Store: KeyDirectory {
    package func key(_ id: KeyID) async throws -> (record: KeyRecord, revision: Int64)? {
        try await pool.read { db in try Self.key(id, db) }
    }

    /// Reads a key as the server does.
    static func key(_ id: KeyID, _ db: Database) throws -> (record: KeyRecord, revision: Int64)? {
        let statement = try db.cachedStatement(
            sql: """
                SELECT id, hash, expires_at, revoked_at, allowed, models, daily_limit, rate, session_seconds, canary,
                    version, handle, project, disabled_at, ends_at, sessions_valid_from, purpose,
                    revision.value AS revision
                FROM keys JOIN researchers ON researchers.handle = keys.researcher, revision
                WHERE keys.id = ?
                """
        )
        guard let row = try Row.fetchOne(statement, arguments: [id.description]) else { return nil }
        return (try KeyRecord(row), row["revision"])
    }

    package func changes(since known: Int64) async throws -> DirectoryChanges {
        try checkIsInPlace()
        return try await pool.read { [schema] db in
            try schema.checkText(db)
            let state = try DirectoryState.current(db)
            guard state.revision != known else {
                return DirectoryChanges(revision: known, keys: [], isPaused: state.isPaused)
            }
            let ids = try String.fetchAll(db, sql: "SELECT id FROM keys WHERE version > ?", arguments: [known])
            return DirectoryChanges(
                revision: state.revision,
                keys: ids.compactMap { KeyID($0) },
                isPaused: state.isPaused
            )
        }
    }
}

extension KeyRecord {
    /// Reads a row of `keys` joined with `researchers`.
    fileprivate convenience init(_ row: Row) throws {
        guard let id = KeyID(row["id"] as String), let handle = Handle(row["handle"]),
            let hash = PasswordHash(phc: row["hash"])
        else { throw UnreadableKeyError() }
        self.init(
            id: id,
            owner: ResearcherStatus(
                handle: handle,
                project: row["project"],
                disabled: row.optionalDate("disabled_at"),
                ends: row.optionalDate("ends_at"),
                sessionsValidFrom: row.optionalDate("sessions_valid_from"),
                isSelftest: row["purpose"] as String != "research"
            ),
            hash: hash,
            expires: row.date("expires_at"),
            revoked: row.optionalDate("revoked_at"),
            terms: try StoredRestrictions(row).read(),
            isCanary: row["canary"],
            version: row["version"]
        )
    }
}

/// A key's restrictions as its row holds them, not yet parsed.
struct StoredRestrictions: Sendable {
    let allowed: String?
    let models: String?
    let dailyLimit: Int?
    let rate: Int?
    let sessionSeconds: Int?

    /// Reads a row of `keys`.
    init(_ row: Row) {
        allowed = row["allowed"]
        models = row["models"]
        dailyLimit = row["daily_limit"]
        rate = row["rate"]
        sessionSeconds = row["session_seconds"]
    }

    /// Parses the restrictions.
    ///
    /// A restriction that can't be parsed must not count as none, so it makes the whole key unreadable.
    func read() throws(UnreadableKeyError) -> KeyRestrictions {
        KeyRestrictions(
            allowed: try Self.read(allowed) { try? AddressList(parsing: $0) },
            models: try Self.read(models) { ModelList($0) },
            dailyLimit: dailyLimit,
            rate: try Self.read(rate) { RequestRate(perSecond: $0) },
            sessionDuration: try Self.read(sessionSeconds) { SessionDuration(seconds: $0) }
        )
    }

    private static func read<Stored, Value>(
        _ stored: Stored?,
        _ parse: (Stored) -> Value?
    ) throws(UnreadableKeyError) -> Value? {
        guard let stored else { return nil }
        guard let value = parse(stored) else { throw UnreadableKeyError() }
        return value
    }
}

/// A key as the server reads it, to predict the server's decision.
package struct KeyStanding: Sendable {
    package let id: KeyID
    package let label: String?
    /// nil if the row can't be read, for which the server's error is `internal`.
    package let record: KeyRecord?
    /// Vends on the requested day.
    package let used: Int
}

extension Store {
    /// Returns a researcher's keys, oldest first, with their use on `day`; nil if there is no such researcher.
    package func keyStandings(
        of handle: Handle,
        on day: UTCDay
    ) throws -> (researcher: String, keys: [KeyStanding])? {
        try read { db in
            let sql = "SELECT handle FROM researchers WHERE handle = ?"
            guard let researcher = try String.fetchOne(db, sql: sql, arguments: [handle.description]) else {
                return nil
            }
            let keys = try Row.fetchAll(
                db,
                sql: "SELECT id FROM keys WHERE researcher = ? ORDER BY created_at, id",
                arguments: [researcher]
            )
            let ids = keys.compactMap { KeyID($0["id"] as String) }
            return (researcher, try ids.map { try Self.standing(of: $0, on: day, db) })
        }
    }

    /// Returns one key with its use on `day`; nil if there is none.
    package func keyStanding(of id: KeyID, on day: UTCDay) throws -> KeyStanding? {
        try read { db in
            let sql = "SELECT 1 FROM keys WHERE id = ?"
            guard try Int.fetchOne(db, sql: sql, arguments: [id.description]) != nil else { return nil }
            return try Self.standing(of: id, on: day, db)
        }
    }

    private static func standing(of id: KeyID, on day: UTCDay, _ db: Database) throws -> KeyStanding {
        let record: KeyRecord?
        do {
            record = try key(id, db)?.record
        } catch is UnreadableKeyError {
            record = nil
        }
        let label = try String.fetchOne(db, sql: "SELECT label FROM keys WHERE id = ?", arguments: [id.description])
        let used = try Int.fetchOne(
            db,
            sql: "SELECT count FROM usage_daily WHERE day = ? AND key_id = ? AND outcome = 'vended'",
            arguments: [day.number, id.description]
        )
        return KeyStanding(id: id, label: label, record: record, used: used ?? 0)
    }
}
