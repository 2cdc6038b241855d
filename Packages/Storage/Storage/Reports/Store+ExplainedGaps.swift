package import BursarFoundation
import BursarModel
import GRDB

/// A moment at which credentials that AWS had issued already may have been kept back.
package struct PossibleBlock: Sendable, Equatable {
    package let date: Date
    /// nil when it held for all.
    package let researcher: String?

    package init(date: Date, researcher: String?) {
        self.date = date
        self.researcher = researcher
    }
}

extension Store {
    private static let page: Int64 = 50_000
    /// What changes a decision that is under way.
    private static let changes: [RecordEntry.Kind] = [
        .keyRevoked, .keyUpdated, .researcherUpdated, .researcherDisabled, .researcherEnabled, .vendingPaused,
        .sessionsEnded,
    ]
    /// The refusals that may come after AWS answered; all others are decided before it is asked.
    private static let late: [ErrorCode] = [
        .keyRevoked, .keyExpired, .researcherDisabled, .quotaExhausted, .paused, .notRecorded, .awsUnavailable, .busy,
    ]

    /// Hands each refusal and change from `since` to `until` that may have kept a session back to `take`.
    package func hindrances(since: Date, until: Date, take: (PossibleBlock) throws -> Void) throws {
        let span = try read { db in try RecordSpan(db, since: since, until: until) }
        var first = span.first
        while first <= span.last {
            let range = first...min(span.last, first + Self.page - 1)
            for found in try read({ db in try Self.hindrances(db, in: range, since, until) }) { try take(found) }
            first = range.upperBound + 1
        }
    }

    private static func hindrances(
        _ db: Database,
        in range: ClosedRange<Int64>,
        _ since: Date,
        _ until: Date
    ) throws -> [PossibleBlock] {
        func list(_ words: [String]) -> String { words.map { "'\($0)'" }.joined(separator: ", ") }
        let statement = try db.cachedStatement(
            sql: """
                SELECT occurred_at, researcher FROM records
                WHERE sequence BETWEEN ? AND ? AND occurred_at BETWEEN ? AND ? AND (
                    kind IN (\(list(changes.map(\.rawValue))))
                    OR (kind = 'refusal' AND researcher IS NOT NULL AND reason IN (\(list(late.map(\.rawValue)))))
                )
                """
        )
        let arguments: StatementArguments = [
            range.lowerBound, range.upperBound, since.milliseconds, until.milliseconds,
        ]
        return try Row.fetchAll(statement, arguments: arguments).map { row in
            PossibleBlock(date: Date(milliseconds: row[0]), researcher: row[1])
        }
    }
}
