import BursarFoundation
import BursarModel
import GRDB

/// The checks of a database's consistency, each independent of the others.
package enum DatabaseCheck: CaseIterable, Sendable {
    case schema
    case pages
    case references
    case chain
    case rollUps

    /// Runs SQLite's check of every page and index.
    static func firstPageFlaw(_ db: Database) throws -> String? {
        let word = try String.fetchOne(db, sql: "PRAGMA integrity_check(1)")
        return word == "ok" ? nil : word ?? "no answer"
    }

    static func firstDanglingReference(_ db: Database) throws -> String? {
        guard let row = try Row.fetchOne(db, sql: "PRAGMA foreign_key_check") else { return nil }
        let (table, parent): (String, String) = (row["table"], row["parent"])
        return "a row of \(table) refers to one of \(parent) that isn't there"
    }
}

extension Store {
    /// Returns the first flaw that `check` finds; nil if it finds none.
    ///
    /// It only reads, from one state of the database: a server may write meanwhile.
    package func firstFlaw(_ check: DatabaseCheck) throws -> String? {
        do {
            switch check {
            case .schema: return try read(Schema.difference)
            case .pages: return try read(DatabaseCheck.firstPageFlaw)
            case .references: return try read(DatabaseCheck.firstDanglingReference)
            case .chain:
                guard let broken = try firstBrokenRecord() else { return nil }
                return try read { db in try Chain.pruned(db).sequence } == broken
                    ? "records up to \(broken) are gone, and no action on record says that they were pruned"
                    : "record \(broken) doesn't follow from those before it"
            case .rollUps: return try read(RollUpCheck.firstFlaw)
            }
        } catch StoreError.notOurs {
            return "a page can't be read"
        }
    }
}

extension Store {
    /// Runs SQLite's quick check; returns the first flaw, or nil.
    package func firstFlaw() throws -> String? {
        let word = try read { db in try String.fetchOne(db, sql: "PRAGMA quick_check(1)") }
        return word == "ok" ? nil : word ?? "no answer"
    }

    /// Writes a vend's rows and rolls them back.
    ///
    /// - Throws: ``StoreError``.
    package func checkIsWritable() throws {
        try probe()
    }
}

/// A comparison of the roll-ups with the records, as far as those were not pruned, and with each other.
struct RollUpCheck {
    /// The condition under which two counts contradict each other.
    private enum Rule: String {
        case differ = "counted <> expected"
        /// Refusals may be counted more often than they are recorded.
        case fewer = "counted < expected"
        /// Networks were not counted in the first schema.
        case more = "counted > expected"
        /// The first remaining record's day may have been pruned in part; older days were pruned.
        case differWhereRecorded = """
            counted < expected OR (counted > expected AND day > (
                SELECT CASE sequence WHEN 0 THEN -1 ELSE coalesce(
                    (SELECT occurred_at / 86400000 FROM records ORDER BY records.sequence LIMIT 1), 9223372036854775807
                ) END FROM pruned
            ))
            """
    }

    /// Two queries with the columns day, month, key_id, what and n, and the rule that they are compared by.
    private struct Comparison {
        let rollUp: String
        let counted: String
        let expected: String
        let rule: Rule

        /// The first row where they contradict each other.
        var sql: String {
            """
            SELECT day, month, key_id, what, sum(one) AS counted, sum(other) AS expected FROM (
                SELECT day, month, key_id, what, n AS one, 0 AS other FROM (\(counted))
                UNION ALL
                SELECT day, month, key_id, what, 0, n FROM (\(expected))
            ) GROUP BY day, month, key_id, what HAVING \(rule.rawValue) LIMIT 1
            """
        }
    }

    static func firstFlaw(_ db: Database) throws -> String? {
        for comparison in comparisons {
            guard let row = try Row.fetchOne(db, sql: comparison.sql) else { continue }
            let (counted, expected): (Int64, Int64) = (row["counted"], row["expected"])
            return "\(comparison.rollUp) counts \(counted)\(place(row)) where there are \(expected)"
        }
        return nil
    }

    private static func place(_ row: Row) -> String {
        let parts = [
            (row["key_id"] as String?).map { $0.isEmpty ? "for unknown keys" : "for key \($0)" },
            (row["day"] as Int64?).map { "on \(UTCDay(number: $0))" },
            (row["month"] as Int64?).map { "in \(UTCMonth(number: $0))" },
            (row["what"] as String?).map { "(\($0))" },
        ]
        return parts.compactMap { $0.map { " " + $0 } }.joined()
    }

    private static let comparisons = [
        Comparison(
            rollUp: "usage_daily",
            counted: daily + " WHERE outcome = 'vended'",
            expected: """
                SELECT occurred_at / 86400000 AS day, NULL AS month, key_id, 'vended' AS what, count(*) AS n
                FROM records WHERE kind = 'vend' GROUP BY 1, 3
                """,
            rule: .differWhereRecorded
        ),
        Comparison(
            rollUp: "usage_daily",
            counted: daily,
            expected: """
                SELECT occurred_at / 86400000 AS day, NULL AS month, key_id, reason AS what, count(*) AS n
                FROM records WHERE kind = 'refusal' GROUP BY 1, 3, 4
                """,
            rule: .fewer
        ),
        Comparison(
            rollUp: "usage_totals",
            counted: "SELECT day, NULL AS month, NULL AS key_id, outcome AS what, count AS n FROM usage_totals",
            expected: """
                SELECT day, NULL AS month, NULL AS key_id, outcome AS what, sum(count) AS n FROM usage_daily
                WHERE key_id NOT IN (
                    SELECT id FROM keys JOIN researchers ON handle = researcher WHERE purpose <> 'research'
                ) GROUP BY day, outcome
                """,
            rule: .differ
        ),
        Comparison(
            rollUp: "usage_keys",
            counted: "SELECT NULL AS day, NULL AS month, key_id, 'vended' AS what, vends AS n FROM usage_keys",
            expected: """
                SELECT NULL AS day, NULL AS month, key_id, 'vended' AS what, sum(count) AS n FROM usage_daily
                WHERE outcome = 'vended' GROUP BY key_id
                """,
            rule: .differ
        ),
        monthly("usage_monthly", "usage_daily", "outcome"),
        monthly("usage_networks_monthly", "usage_networks", "network"),
        Comparison(
            rollUp: "usage_networks",
            counted: """
                SELECT day, NULL AS month, key_id, 'vended' AS what, sum(count) AS n FROM usage_networks
                GROUP BY day, key_id
                """,
            expected: daily + " WHERE outcome = 'vended'",
            rule: .more
        ),
    ]

    private static let daily = "SELECT day, NULL AS month, key_id, outcome AS what, count AS n FROM usage_daily"

    /// Months have sums once they are over; a month with any sum has all.
    private static func monthly(_ sums: String, _ days: String, _ column: String) -> Comparison {
        Comparison(
            rollUp: sums,
            counted: "SELECT NULL AS day, month, key_id, \(column) AS what, count AS n FROM \(sums)",
            expected: """
                SELECT NULL AS day, month, key_id, \(column) AS what, sum(count) AS n
                FROM \(days) JOIN (
                    SELECT day, strftime('%Y', day * 86400, 'unixepoch') * 12
                        + strftime('%m', day * 86400, 'unixepoch') - 1 AS month
                    FROM (SELECT DISTINCT day FROM \(days))
                ) USING (day)
                WHERE month IN (SELECT DISTINCT month FROM usage_monthly) GROUP BY month, key_id, \(column)
                """,
            rule: .differ
        )
    }
}
