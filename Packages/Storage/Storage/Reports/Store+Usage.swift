package import BursarCore
import GRDB
import Vending

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// One line of a usage report.
package struct UsageLine: Sendable {
    package let researcher: String
    package let project: String
    package let keys: Int
    package let vends: Int
    /// nil when nothing was vended in the range.
    package let lastVend: Date?
}

extension Store {
    /// How often a key was vended to on a day.
    func use(of key: KeyID, on day: UTCDay) async throws -> DailyUse {
        try await pool.read { db in
            let date = Date(timeIntervalSince1970: Double(day.number) * 86_400)
            return DailyUse(day: day, count: try UsageCounter(db, at: date).vends(of: key))
        }
    }

    /// Vends of the days in `range`, by researcher, busiest first; researchers without any are listed too.
    package func usageByResearcher(in range: ClosedRange<UTCDay>) throws -> [UsageLine] {
        try read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT researchers.handle, researchers.project, count(DISTINCT usage_daily.key_id) AS keys,
                        coalesce(sum(usage_daily.count), 0) AS vends, max(usage_daily.last_at) AS last_vend
                    FROM researchers
                    LEFT JOIN keys ON keys.researcher = researchers.handle
                    LEFT JOIN usage_daily ON usage_daily.key_id = keys.id AND usage_daily.outcome = 'vended'
                        AND usage_daily.day BETWEEN ? AND ?
                    GROUP BY researchers.handle
                    ORDER BY vends DESC, researchers.handle
                    """,
                arguments: [range.lowerBound.number, range.upperBound.number]
            )
            return rows.map { row in
                UsageLine(
                    researcher: row["handle"],
                    project: row["project"],
                    keys: row["keys"],
                    vends: row["vends"],
                    lastVend: (row["last_vend"] as Int64?).map(Date.init(milliseconds:))
                )
            }
        }
    }
}
