import BursarFoundation
import BursarModel

/// The checks of a database's consistency, each independent of the others.
package enum DatabaseCheck: CaseIterable, Sendable {
    case schema
    case pages
    case references
    case chain
    case rollUps
}

extension Upkeep {
    /// Returns the first flaw that `check` finds; nil if it finds none.
    ///
    /// It only reads, from one state of the database: a server may write meanwhile.
    package func firstFlaw(_ check: DatabaseCheck) throws -> String? {
        do {
            switch check {
            case .schema: return try database.firstFlaw(.schema)
            case .pages: return try database.firstFlaw(.pages)
            case .references: return try database.firstFlaw(.references)
            case .chain: return try firstChainFlaw()
            case .rollUps: return try database.read { db in try RollUpCheck.firstFlaw(db) ?? SpendCheck.firstFlaw(db) }
            }
        } catch StoreError.notOurs {
            return "a page can't be read"
        }
    }

    private func firstChainFlaw() throws -> String? {
        guard let broken = try AuditTrail(database).firstBrokenRecord() else { return nil }
        return try database.read { db in try Chain.pruned(db).sequence } == broken
            ? "records up to \(broken) are gone, and no action on record says that they were pruned"
            : "record \(broken) doesn't follow from those before it"
    }

    /// Returns the first flaw that a quick check finds; nil if it finds none.
    package func firstQuickFlaw() throws -> String? {
        try database.firstFlaw(.quick)
    }

    /// Writes a vend's rows and rolls them back.
    ///
    /// - Throws: ``StoreError``.
    package func checkIsWritable() throws {
        try database.probe()
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
            SELECT day, month, key_id, what, counted, expected FROM (
                SELECT day, month, key_id, what, CAST(sum(one) AS bigint) AS counted,
                    CAST(sum(other) AS bigint) AS expected
                FROM (
                    SELECT day, month, key_id, what, n AS one, 0 AS other FROM (\(counted)) AS rolled_up
                    UNION ALL
                    SELECT day, month, key_id, what, 0, n FROM (\(expected)) AS recorded
                ) AS counts GROUP BY day, month, key_id, what
            ) AS sums WHERE \(rule.rawValue) ORDER BY day, month, key_id, what LIMIT 1
            """
        }
    }

    static func firstFlaw(_ db: any Transaction) throws -> String? {
        for comparison in comparisons(db.dialect) {
            let flaws = try db.map(comparison.sql) { row in
                let (counted, expected): (Int64, Int64) = (try row["counted"], try row["expected"])
                return "\(comparison.rollUp) counts \(counted)\(try place(row)) where there are \(expected)"
            }
            if let flaw = flaws.first { return flaw }
        }
        return try firstProjectFlaw(db)
    }

    /// Finds a key or a researcher whose project isn't the last one of their history.
    private static func firstProjectFlaw(_ db: any Transaction) throws -> String? {
        for (table, history, subject, id) in [
            ("keys", "key_projects", "key_id", "id"), ("researchers", "researcher_projects", "researcher", "handle"),
        ] {
            let sql = """
                SELECT \(id) AS value FROM \(table) WHERE coalesce(
                    (SELECT project FROM \(history) WHERE \(subject) = \(table).\(id) ORDER BY since DESC LIMIT 1)
                        <> \(table).project, true
                ) ORDER BY \(id) LIMIT 1
                """
            if let found: String = try db.value(sql) {
                return "\(history) doesn't end with the project of \(found)"
            }
        }
        return nil
    }

    private static func place(_ row: ResultRow) throws -> String {
        let parts = [
            (try row["key_id"] as String?).map { $0.isEmpty ? "for unknown keys" : "for key \($0)" },
            (try row["day"] as Int64?).map { "on \(UTCDay(number: $0))" },
            (try row["month"] as Int64?).map { "in \(UTCMonth(number: $0))" },
            (try row["what"] as String?).map { "(\($0))" },
        ]
        return parts.compactMap { $0.map { " " + $0 } }.joined()
    }

    private static func comparisons(_ dialect: Dialect) -> [Comparison] {
        [
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
            monthly("usage_monthly", "usage_daily", "outcome", dialect),
            monthly("usage_networks_monthly", "usage_networks", "network", dialect),
            Comparison(
                rollUp: "usage_networks",
                counted: """
                    SELECT day, NULL AS month, key_id, 'vended' AS what, sum(count) AS n FROM usage_networks
                    GROUP BY day, key_id
                    """,
                expected: daily + " WHERE outcome = 'vended'",
                rule: .more
            ),
            split("usage_splits", "usage_daily", "outcome"),
            split("usage_network_splits", "usage_networks", "network"),
        ]
    }

    private static let daily = "SELECT day, NULL AS month, key_id, outcome AS what, count AS n FROM usage_daily"

    /// The part of a day before a change is no more than the day.
    private static func split(_ splits: String, _ days: String, _ column: String) -> Comparison {
        Comparison(
            rollUp: splits,
            counted: """
                SELECT since / 86400000 AS day, NULL AS month, key_id, \(column) AS what, max(count) AS n FROM \(splits)
                GROUP BY 1, 3, 4
                """,
            expected: "SELECT day, NULL AS month, key_id, \(column) AS what, count AS n FROM \(days)",
            rule: .more
        )
    }

    /// Months have sums once they are over; a month with any sum has all.
    private static func monthly(_ sums: String, _ days: String, _ column: String, _ dialect: Dialect) -> Comparison {
        Comparison(
            rollUp: sums,
            counted: "SELECT NULL AS day, month, key_id, \(column) AS what, count AS n FROM \(sums)",
            expected: """
                SELECT NULL AS day, month, key_id, \(column) AS what, sum(count) AS n
                FROM \(days) JOIN (
                    SELECT day, \(dialect.month(ofDay: "day")) AS month FROM (SELECT DISTINCT day FROM \(days)) AS known
                ) AS months USING (day)
                WHERE month IN (SELECT DISTINCT month FROM usage_monthly) GROUP BY month, key_id, \(column)
                """,
            rule: .differ
        )
    }
}
