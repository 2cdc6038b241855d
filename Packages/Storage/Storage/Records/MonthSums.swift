import BursarModel
import GRDB
import Vending

extension UsageCounter {
    /// Months that are over, and have days but no sum.
    func monthsToSumUp() throws -> [UTCMonth] {
        guard let first = try Int64.fetchOne(db, sql: "SELECT min(day) FROM usage_daily") else { return [] }
        let (begin, end) = (UTCMonth(containing: UTCDay(number: first)).number, UTCMonth(containing: day).number)
        let statement = try db.cachedStatement(
            sql: """
                SELECT EXISTS (SELECT 1 FROM usage_daily WHERE day BETWEEN ? AND ?)
                    AND NOT EXISTS (SELECT 1 FROM usage_monthly WHERE month = ?)
                """
        )
        return try (min(begin, end)..<end).map(UTCMonth.init(number:)).filter { month in
            let days = month.days
            let arguments: StatementArguments = [days.lowerBound.number, days.upperBound.number, month.number]
            return try Bool.fetchOne(statement, arguments: arguments) == true
        }
    }

    func sumUpMonths() throws {
        for month in try monthsToSumUp() {
            let days: StatementArguments = [
                month.number, month.days.lowerBound.number, month.days.upperBound.number,
            ]
            for (sums, rows, column) in [
                ("usage_monthly", "usage_daily", "outcome"), ("usage_networks_monthly", "usage_networks", "network"),
            ] {
                let expected = try Int.fetchOne(
                    db,
                    sql: """
                        SELECT count(*) FROM (
                            SELECT DISTINCT ?1, key_id, \(column) FROM \(rows) WHERE day BETWEEN ?2 AND ?3
                        )
                        """,
                    arguments: days
                )
                try db.change(
                    """
                    INSERT INTO \(sums) (month, key_id, \(column), count, last_at)
                    SELECT ?, key_id, \(column), sum(count), max(last_at) FROM \(rows) WHERE day BETWEEN ? AND ?
                    GROUP BY key_id, \(column)
                    """,
                    days,
                    rows: expected ?? 0
                )
            }
        }
    }
}
