package import BursarFoundation
import BursarModel

/// The recent activity that `admin usage top` shows.
package struct RecentActivity: Sendable {
    package struct Vend: Sendable, Equatable {
        package let date: Date
        package let researcher: String

        package init(date: Date, researcher: String) {
            self.date = date
            self.researcher = researcher
        }
    }

    /// Vends since the last poll, in their order.
    package var vends: [Vend]
    /// The chain's last record.
    package let head: Int64
    /// True if there were more than the limit, so that older ones are missing.
    package let isCut: Bool
    /// Refusals of the UTC day by their code, most frequent first.
    package let refusals: [Usage.Outcome]
    /// The number of researchers with a vend in the last hour.
    package let activeInHour: Int
    /// The number of researchers with a vend in the last five minutes.
    package let activeInMinutes: Int
    package let pausedSince: Date?
}

extension UsageReports {
    /// The largest number of records that one poll goes back.
    private static let activityLimit: Int64 = 20_000

    /// Returns the activity after record `head`, without vends before `date` and without self-tests.
    package func recentActivity(after head: Int64, since date: Date, now: Date) throws -> RecentActivity {
        try database.read { db in
            let last = try Chain.current(db).sequence
            let from = max(head, last - Self.activityLimit)
            let vends: [RecentActivity.Vend] = try db.all(
                """
                SELECT occurred_at, researcher FROM records
                WHERE sequence > ? AND kind = 'vend' AND occurred_at >= ? AND researcher NOT IN
                    (SELECT handle FROM researchers WHERE purpose <> 'research')
                ORDER BY sequence
                """,
                [from, date]
            )
            let oldest: Date? = try db.value("SELECT occurred_at AS value FROM records WHERE sequence = ?", [from])
            let today = UTCDay(containing: now)
            let refusals = try UsageReader(db, UsageScope(today...today, outcome: .refused)).read(.outcomes, span: .day)
            return RecentActivity(
                vends: vends,
                head: last,
                isCut: from > head && (oldest ?? .distantPast) >= date,
                refusals: refusals.outcomes,
                activeInHour: try Self.active(db, since: now.addingTimeInterval(-3600)),
                activeInMinutes: try Self.active(db, since: now.addingTimeInterval(-300)),
                pausedSince: try DirectoryState.current(db).paused
            )
        }
    }

    private static func active(_ db: any Transaction, since date: Date) throws -> Int {
        try db.value(
            """
            SELECT count(DISTINCT researcher) AS value FROM usage_keys JOIN keys ON id = key_id
                JOIN researchers ON handle = researcher
            WHERE last_at >= ? AND purpose = 'research'
            """,
            [date]
        ) ?? 0
    }
}

extension RecentActivity.Vend: RowDecodable {
    package init(_ row: ResultRow) throws {
        self.init(date: try row["occurred_at"], researcher: try row["researcher"])
    }
}
