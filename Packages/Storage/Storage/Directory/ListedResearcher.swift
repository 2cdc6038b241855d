package import BursarFoundation
package import BursarModel
import GRDB
package import Vending

/// A researcher as shown in lists, with figures about their keys.
package struct ListedResearcher: Sendable {
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

extension ListedResearcher {
    private static func sql(at date: Date) -> String {
        """
        SELECT handle, name, email, project, sponsor, note, ends_at, researchers.created_at, disabled_at,
            disabled_reason, count(keys.id) FILTER (WHERE \(KeyStatus.sql([.active], at: date))) AS active_keys,
            count(keys.id) FILTER (WHERE \(KeyStatus.sql(KeyStatus.inForce, at: date))) AS keys_in_force,
            max(last_at) AS last_at
        FROM researchers LEFT JOIN keys ON researcher = handle LEFT JOIN usage_keys ON key_id = keys.id
        WHERE purpose = 'research'
        """
    }

    fileprivate static func fetchAll(project: String?, at date: Date, _ db: Database) throws -> [ListedResearcher] {
        let condition = " AND (?1 IS NULL OR project = ?1) GROUP BY handle ORDER BY handle"
        return try Row.fetchAll(db, sql: sql(at: date) + condition, arguments: [project])
            .compactMap(ListedResearcher.init)
    }

    static func fetch(_ handle: Handle, at date: Date, _ db: Database) throws -> ListedResearcher? {
        let condition = " AND handle = ? GROUP BY handle"
        return try Row.fetchOne(db, sql: sql(at: date) + condition, arguments: [handle.description])
            .flatMap(ListedResearcher.init)
    }

    private init?(_ row: Row) {
        guard let researcher = Researcher(row) else { return nil }
        self.researcher = researcher
        created = row.date("created_at")
        disabled = row.optionalDate("disabled_at")
        disabledReason = row["disabled_reason"]
        activeKeys = row["active_keys"]
        keysInForce = row["keys_in_force"]
        lastVend = row.optionalDate("last_at")
    }
}

extension Researcher {
    /// Reads a row of `researchers`; nil if the handle was edited by hand and makes no sense.
    fileprivate init?(_ row: Row) {
        guard let handle = Handle(row["handle"]) else { return nil }
        self.init(
            handle: handle,
            name: row["name"],
            email: row["email"],
            project: row["project"],
            sponsor: row["sponsor"],
            note: row["note"],
            ends: row.optionalDate("ends_at")
        )
    }
}

extension Store {
    /// All researchers, by handle.
    package func researchers() throws -> [Researcher] {
        try read { db in
            let sql = """
                SELECT handle, name, email, project, sponsor, note, ends_at FROM researchers
                WHERE purpose = 'research' ORDER BY handle
                """
            return try Row.fetchAll(db, sql: sql).compactMap(Researcher.init)
        }
    }

    /// All researchers with their figures, or a project's, by handle.
    package func listedResearchers(project: String? = nil, at date: Date) throws -> [ListedResearcher] {
        try read { db in try ListedResearcher.fetchAll(project: project, at: date, db) }
    }

    /// Returns one researcher, whatever the case of the handle's letters; nil if there is none.
    package func listedResearcher(_ handle: Handle, at date: Date) throws -> ListedResearcher? {
        try read { db in try ListedResearcher.fetch(handle, at: date, db) }
    }

    /// The vends to `keys` on the days of `range`.
    package func vends(to keys: [KeyID], in range: ClosedRange<UTCDay>) throws -> Int {
        try read { db in
            // By day and key, the roll-up's order: other keys' rows are never read.
            let statement = try db.cachedStatement(
                sql: """
                    WITH RECURSIVE days (day) AS (
                        SELECT ?1 UNION ALL SELECT day + 1 FROM days WHERE day < ?2
                    )
                    SELECT coalesce(sum(count), 0) FROM days CROSS JOIN usage_daily USING (day)
                    WHERE key_id = ?3 AND outcome = 'vended'
                    """
            )
            return try keys.reduce(0) { sum, key in
                let arguments: StatementArguments = [range.lowerBound.number, range.upperBound.number, key.description]
                return sum + (try Int.fetchOne(statement, arguments: arguments) ?? 0)
            }
        }
    }
}
