package import BursarFoundation
package import BursarModel
package import Vending

/// A researcher as shown in lists, with figures about their keys.
package struct StoredResearcher: Sendable {
    package let researcher: Researcher
    package let created: Date
    package let disabled: Date?
    package let disabledReason: String?
    /// Keys that work.
    package let activeKeys: Int
    /// Keys that work, and those that only the researcher's state keeps from working.
    package let keysInForce: Int
    /// nil if nothing was ever vended to them.
    package let lastVend: Date?

    package enum State: String, Sendable, CaseIterable {
        case active
        case disabled
        /// Their stay is over.
        case ended
    }

    package func state(at date: Date) -> State {
        if disabled != nil { return .disabled }
        return researcher.ends.map { $0 <= date } == true ? .ended : .active
    }
}

extension StoredResearcher {
    private static func sql(at date: Date) -> String {
        """
        SELECT handle, name, email, researchers.project, sponsor, note, ends_at, researchers.created_at, disabled_at,
            disabled_reason, count(keys.id) FILTER (WHERE \(KeyStatus.sql([.active], at: date))) AS active_keys,
            count(keys.id) FILTER (WHERE \(KeyStatus.sql(KeyStatus.inForce, at: date))) AS keys_in_force,
            max(last_at) AS last_at
        FROM researchers LEFT JOIN keys ON researcher = handle LEFT JOIN usage_keys ON key_id = keys.id
        WHERE purpose = 'research'
        """
    }

    static func all(project: String?, at date: Date, _ db: any Transaction) throws -> [StoredResearcher] {
        let filter = project == nil ? "" : " AND researchers.project = ?"
        let arguments = SQLArguments([project].compactMap(\.self))
        return try db.all(sql(at: date) + filter + " GROUP BY handle ORDER BY folded", arguments)
    }

    static func fetch(_ handle: Handle, at date: Date, _ db: any Transaction) throws -> StoredResearcher? {
        try db.first(sql(at: date) + " AND folded = ? GROUP BY handle", [handle.folded])
    }
}

extension StoredResearcher: RowDecodable {
    package init(_ row: ResultRow) throws {
        researcher = try Researcher(row)
        created = try row["created_at"]
        disabled = try row["disabled_at"]
        disabledReason = try row["disabled_reason"]
        activeKeys = try row["active_keys"]
        keysInForce = try row["keys_in_force"]
        lastVend = try row["last_at"]
    }
}

extension Researcher: RowDecodable {
    package init(_ row: ResultRow) throws {
        self.init(
            handle: try row["handle"],
            name: try row["name"],
            email: try row["email"],
            project: try row["project"],
            sponsor: try row["sponsor"],
            note: try row["note"],
            ends: try row["ends_at"]
        )
    }
}

extension Lists {
    /// All researchers, by handle.
    package func researchers() throws -> [Researcher] {
        try database.read { db in
            try db.all(
                """
                SELECT handle, name, email, project, sponsor, note, ends_at FROM researchers
                WHERE purpose = 'research' ORDER BY folded
                """
            )
        }
    }

    /// All researchers with their figures, or a project's, by handle.
    package func listedResearchers(project: String? = nil, at date: Date) throws -> [StoredResearcher] {
        try database.read { db in try StoredResearcher.all(project: project, at: date, db) }
    }

    /// Returns one researcher, whatever the case of the handle's letters; nil if there is none.
    package func researcher(_ handle: Handle, at date: Date) throws -> StoredResearcher? {
        try database.read { db in try StoredResearcher.fetch(handle, at: date, db) }
    }

    /// Researchers whom a restore disabled and who are still disabled: their time is that of the restore's record.
    package func researchersDisabledByRestore(at date: Date) throws -> [StoredResearcher] {
        try database.read { db in
            let moments: [Date] = try db.values(
                """
                SELECT occurred_at AS value FROM records
                WHERE kind NOT IN ('vend', 'refusal') AND kind = 'database_restored'
                """
            )
            return try StoredResearcher.all(project: nil, at: date, db).filter { researcher in
                researcher.disabled.map(moments.contains) ?? false
            }
        }
    }
}
