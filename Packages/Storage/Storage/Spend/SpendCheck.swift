import BursarFoundation
import BursarModel

/// A comparison of the sums of calls with each other, and with the keys of the calls.
struct SpendCheck {
    static func firstFlaw(_ db: any Transaction) throws -> String? {
        for (sql, text) in comparisons(db.dialect) {
            let flaws = try db.map(sql) { row in try text(row) }
            if let flaw = flaws.first { return flaw }
        }
        return nil
    }

    private static func comparisons(_ dialect: Dialect) -> [(sql: String, text: (ResultRow) throws -> String)] {
        let months = """
            SELECT \(dialect.month(ofDay: "day")) AS span, owner, meter, \(list) FROM spend_daily
            """
        return [
            (
                difference("SELECT month AS span, owner, meter, \(list) FROM spend_monthly", months),
                { row in
                    let month = UTCMonth(number: try row["span"])
                    return "spend_monthly differs from spend_daily in \(month)"
                }
            ),
            (
                difference(
                    "SELECT day AS span, 0 AS owner, meter, \(list) FROM spend_days",
                    "SELECT day AS span, 0 AS owner, meter, \(list) FROM spend_daily"
                ),
                { row in
                    let day = UTCDay(number: try row["span"])
                    return "spend_days differs from spend_daily on \(day)"
                }
            ),
            (
                // The keys of a day go hour by hour.
                """
                SELECT day, CAST(sum(one) AS bigint) AS counted, CAST(sum(other) AS bigint) AS expected FROM (
                    SELECT day, calls AS one, 0 AS other FROM spend_days
                    UNION ALL
                    SELECT day, 0, count(*) FROM (SELECT hour / 24 AS day FROM spend_calls) AS keys GROUP BY day
                ) AS counts
                WHERE day * 24 >= coalesce((SELECT value FROM spend_totals WHERE name = 'horizon'), 0)
                GROUP BY day HAVING sum(one) <> sum(other) ORDER BY day LIMIT 1
                """,
                { row in
                    let (counted, expected): (Int64, Int64) = (try row["counted"], try row["expected"])
                    let day = UTCDay(number: try row["day"])
                    return "spend_days counts \(counted) calls on \(day) where there are \(expected)"
                }
            ),
        ]
    }

    private static let list = SpendColumns.counts.joined(separator: ", ")

    /// The first row where two queries for sums differ.
    private static func difference(_ one: String, _ other: String) -> String {
        let negative = SpendColumns.counts.map { "-\($0)" }.joined(separator: ", ")
        let differs = SpendColumns.counts.map { "sum(\($0)) <> 0" }.joined(separator: " OR ")
        return """
            SELECT span FROM (
                \(one) UNION ALL SELECT span, owner, meter, \(negative) FROM (\(other)) AS others
            ) AS sums GROUP BY span, owner, meter HAVING \(differs) ORDER BY span LIMIT 1
            """
    }
}
