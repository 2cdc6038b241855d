package import BursarFoundation
package import BursarModel

extension Lists {
    /// All keys, or a researcher's or a project's, by researcher and then by age.
    package func keys(of researcher: Handle? = nil, project: String? = nil) throws -> [StoredKey] {
        try database.read { db in try StoredKey.all(of: researcher, project: project, db).filter { !$0.isSelftest } }
    }

    /// Returns the projects of researchers and keys, in order; with `ever`, also those that they had before.
    package func projects(ever: Bool = false) throws -> [String] {
        try database.read { db in
            let (own, keys) =
                ever
                ? (
                    "researcher_projects JOIN researchers ON handle = researcher",
                    "key_projects JOIN keys ON id = key_id"
                )
                : ("researchers", "keys")
            let sql = """
                SELECT \(ever ? "researcher_projects" : "researchers").project AS value FROM \(own)
                WHERE purpose = 'research'
                UNION SELECT \(ever ? "key_projects" : "keys").project FROM \(keys)
                WHERE keys.researcher IN (SELECT handle FROM researchers WHERE purpose = 'research')
                """
            return try db.values(sql).sorted()
        }
    }

    /// Returns a key's projects and the time from which on it was of each, oldest first.
    package func projects(of id: KeyID) throws -> [(project: String, since: Date)] {
        try database.read { db in
            try db.map("SELECT project, since FROM key_projects WHERE key_id = ? ORDER BY since", [id.description]) {
                (project: try $0["project"], since: try $0["since"])
            }
        }
    }

    /// Returns the researchers and keys that names of sessions are read with.
    package func sessionOwners() throws -> KnownSessionOwners {
        try database.read(KnownSessionOwners.init)
    }

    /// Returns true if no researcher has the name that the key's sessions would have in AWS.
    package func isFree(_ id: KeyID, of researcher: Handle) throws -> Bool {
        try database.read { db in
            let name = "\(researcher.folded)+\(id)"
            return try !db.exists("SELECT 1 AS value FROM researchers WHERE folded = ?", [name])
        }
    }

    /// Returns one key, even of a self-test; nil if there is none.
    package func key(_ id: KeyID) throws -> StoredKey? {
        try database.read { db in try StoredKey.fetch(id, db) }
    }

    /// Returns at most `limit` ids that begin with `prefix`, with their researchers.
    package func keyIDs(beginningWith prefix: String, limit: Int) throws -> [(id: KeyID, researcher: String)] {
        try database.read { db in
            let sql = "SELECT id, researcher FROM keys WHERE id >= ? AND id < ? ORDER BY id LIMIT ?"
            return try db.map(sql, [prefix, prefix + "\u{7F}", limit]) { row in
                try KeyID(row["id"] as String).map { ($0, try row["researcher"]) }
            }.compactMap(\.self)
        }
    }

    /// Returns a researcher's keys, oldest first, with their use on `day`; nil if there is no such researcher.
    package func keyStandings(
        of handle: Handle,
        on day: UTCDay
    ) throws -> (researcher: String, keys: [KeyStanding])? {
        try database.read { db in
            guard let researcher = try handle.spelled(db) else { return nil }
            return (researcher, try StoredKey.all(of: handle, db).map { try Self.standing(of: $0, on: day, db) })
        }
    }

    /// Returns one key with its use on `day`; nil if there is none.
    package func keyStanding(of id: KeyID, on day: UTCDay) throws -> KeyStanding? {
        try database.read { db in try StoredKey.fetch(id, db).map { try Self.standing(of: $0, on: day, db) } }
    }

    private static func standing(of key: StoredKey, on day: UTCDay, _ db: any Transaction) throws -> KeyStanding {
        KeyStanding(key: key, used: try UsageCounter.vends(of: key.id, on: day, db))
    }

    /// The vends to `keys` on the days of `range`.
    package func vends(to keys: [KeyID], in range: ClosedRange<UTCDay>) throws -> Int {
        try database.read { db in
            // By day and key, the roll-up's order: other keys' rows are never read.
            let sql = """
                WITH RECURSIVE days (number) AS (
                    SELECT CAST(? AS bigint) UNION ALL SELECT number + 1 FROM days WHERE number < ?
                )
                SELECT CAST(coalesce(sum(count), 0) AS bigint) AS value
                FROM days \(db.dialect.orderedJoin) usage_daily ON day = days.number
                WHERE key_id = ? AND outcome = 'vended'
                """
            return try keys.reduce(0) { sum, key in
                let arguments: SQLArguments = [range.lowerBound.number, range.upperBound.number, key.description]
                return sum + (try db.value(sql, arguments) as Int? ?? 0)
            }
        }
    }

    /// Returns the last vends of `keys`, without the keys that were never used.
    package func lastVends(of keys: [StoredKey]) throws -> [KeyID: LastVend] {
        try database.read { db in
            var vends: [KeyID: LastVend] = [:]
            for key in keys {
                guard let use = key.use else { continue }
                let sql = "SELECT access_key_id, address, request_id, expires_at FROM records WHERE sequence = ?"
                let vend = try db.map(sql, [use.lastSequence]) { row in try LastVend(use, row) }.first
                vends[key.id] = try vend ?? LastVend(use)
            }
            return vends
        }
    }
}

/// All researchers and the owners of all keys, to read the names of sessions in AWS with.
package struct KnownSessionOwners: Sendable {
    private let researchers: [String: Handle]
    private let owners: [KeyID: Handle]

    init(_ db: any Transaction) throws {
        let handles: [Handle] = try db.values("SELECT handle AS value FROM researchers WHERE purpose = 'research'")
        researchers = Dictionary(handles.map { ($0.folded, $0) }) { first, _ in first }
        let keys = try db.map("SELECT id, researcher FROM keys") { row in
            try KeyID(row["id"] as String).map { ($0, try row["researcher"] as Handle) }
        }
        owners = Dictionary(keys.compactMap(\.self)) { first, _ in first }
    }

    /// Returns the researcher of a session by its name, and the key, if the name has one; nil if it is no researcher's.
    package func owner(of sessionName: String) -> (researcher: Handle, key: KeyID?)? {
        SessionName.owner(of: sessionName, researcher: { researchers[$0] }, owner: { owners[$0] })
    }
}

/// The last vend of a key, as recorded.
package struct LastVend: Sendable, Equatable {
    package let date: Date
    /// nil, like the three that follow, if the record was pruned.
    package let accessKeyID: String?
    package let address: String?
    package let requestID: String?
    /// The expiry of those credentials.
    package let expires: Date?
    /// The latest expiry of all credentials vended to the key; older ones may outlive newer ones.
    package let liveUntil: Date

    fileprivate init(_ use: KeyUse, _ row: ResultRow? = nil) throws {
        date = use.last
        accessKeyID = try row?["access_key_id"]
        address = try row?["address"]
        requestID = try row?["request_id"]
        expires = try row?["expires_at"]
        liveUntil = use.liveUntil
    }
}
