package import BursarFoundation
package import BursarModel
import GRDB
package import Vending

/// A researcher as lists show them, with what their keys amount to.
package struct ListedResearcher: Sendable {
    package let researcher: Researcher
    package let created: Date
    package let disabled: Date?
    package let disabledReason: String?
    /// Keys that are neither revoked nor expired; canaries aside.
    package let activeKeys: Int
    /// nil when nothing was ever vended to them.
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
    private static let sql = """
        SELECT handle, name, email, project, sponsor, note, ends_at, researchers.created_at, disabled_at,
            disabled_reason, count(keys.id) FILTER (WHERE revoked_at IS NULL AND expires_at > ?1 AND canary = 0),
            max(last_at)
        FROM researchers LEFT JOIN keys ON researcher = handle LEFT JOIN usage_keys ON key_id = keys.id
        WHERE purpose = 'research'
        """

    fileprivate static func fetchAll(project: String?, at date: Date, _ db: Database) throws -> [ListedResearcher] {
        let condition = " AND (?2 IS NULL OR project = ?2) GROUP BY handle ORDER BY handle"
        return try Row.fetchAll(db, sql: sql + condition, arguments: [date.milliseconds, project])
            .compactMap(ListedResearcher.init)
    }

    static func fetch(_ handle: Handle, at date: Date, _ db: Database) throws -> ListedResearcher? {
        let condition = " AND handle = ?2 GROUP BY handle"
        return try Row.fetchOne(db, sql: sql + condition, arguments: [date.milliseconds, handle.description])
            .flatMap(ListedResearcher.init)
    }

    private init?(_ row: Row) {
        guard let handle = Handle(row[0]) else { return nil }
        researcher = Researcher(
            handle: handle,
            name: row[1],
            email: row[2],
            project: row[3],
            sponsor: row[4],
            note: row[5],
            ends: (row[6] as Int64?).map(Date.init(milliseconds:))
        )
        created = Date(milliseconds: row[7])
        disabled = (row[8] as Int64?).map(Date.init(milliseconds:))
        disabledReason = row[9]
        activeKeys = row[10]
        lastVend = (row[11] as Int64?).map(Date.init(milliseconds:))
    }
}

extension Store {
    /// All researchers, or a project's, by handle.
    package func listedResearchers(project: String? = nil, at date: Date) throws -> [ListedResearcher] {
        try read { db in try ListedResearcher.fetchAll(project: project, at: date, db) }
    }

    /// nil when there is no such researcher; the case of the handle's letters doesn't matter.
    package func listedResearcher(_ handle: Handle, at date: Date) throws -> ListedResearcher? {
        try read { db in try ListedResearcher.fetch(handle, at: date, db) }
    }

    /// How often credentials were vended on the days of `range`, to one key or to all of a researcher's.
    package func vends(to keys: [KeyID], in range: ClosedRange<UTCDay>) throws -> Int {
        try read { db in
            // By day and key, which is how the roll-up is sorted: other keys' rows are never read.
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
