package import BursarFoundation
import BursarModel

/// A recorded vend, to be compared with AWS's log.
package struct VendedSession: Sendable, Equatable {
    package let sequence: Int64
    package let date: Date
    package let accessKeyID: String
    package let researcher: String
    package let key: String

    package init(sequence: Int64, date: Date, accessKeyID: String, researcher: String, key: String) {
        self.sequence = sequence
        self.date = date
        self.accessKeyID = accessKeyID
        self.researcher = researcher
        self.key = key
    }
}

/// A moment at which credentials that AWS had already issued may have been withheld.
package struct PossibleBlock: Sendable, Equatable {
    package let date: Date
    /// nil if it applied to all researchers.
    package let researcher: String?

    package init(date: Date, researcher: String?) {
        self.date = date
        self.researcher = researcher
    }
}

extension AuditTrail {
    /// Records per read, so that no read takes long.
    private static let page: Int64 = 50_000
    /// Changes that affect a decision that is under way.
    private static let changes: [RecordEntry.Kind] = [
        .keyRevoked, .keyUpdated, .researcherUpdated, .researcherDisabled, .researcherEnabled, .vendingPaused,
        .sessionsEnded,
    ]
    /// The refusals that are possible after AWS's response; all others are decided before the request to AWS.
    private static let late: [ErrorCode] = [
        .keyRevoked, .keyExpired, .researcherDisabled, .quotaExhausted, .paused, .notRecorded, .awsUnavailable, .busy,
    ]

    /// Passes each refusal and change from `since` to `until` that may have withheld a session to `take`.
    package func possibleBlocks(since: Date, until: Date, take: (PossibleBlock) throws -> Void) throws {
        let span = try database.read { db in try RecordSpan(db, since: since, until: until) }
        var first = span.first
        while first <= span.last {
            let range = first...min(span.last, first + Self.page - 1)
            for found in try database.read({ db in try Self.possibleBlocks(db, in: range, since, until) }) {
                try take(found)
            }
            first = range.upperBound + 1
        }
    }

    private static func possibleBlocks(
        _ db: any Transaction,
        in range: ClosedRange<Int64>,
        _ since: Date,
        _ until: Date
    ) throws -> [PossibleBlock] {
        func list(_ words: [String]) -> String { words.map { "'\($0)'" }.joined(separator: ", ") }
        return try db.all(
            """
            SELECT occurred_at, researcher FROM records
            WHERE sequence BETWEEN ? AND ? AND occurred_at BETWEEN ? AND ? AND (
                kind IN (\(list(changes.map(\.rawValue))))
                OR (kind = 'refusal' AND researcher IS NOT NULL AND reason IN (\(list(late.map(\.rawValue)))))
            )
            """,
            [range.lowerBound, range.upperBound, since, until]
        )
    }

    /// Passes each vend from `since` to `until` to `take`, oldest first.
    package func vends(
        since: Date,
        until: Date,
        progress: (_ read: Int64, _ of: Int64) -> Void = { _, _ in },
        take: (VendedSession) throws -> Void
    ) throws {
        let span = try database.read { db in try RecordSpan(db, since: since, until: until) }
        var first = span.first
        while first <= span.last {
            let range = first...min(span.last, first + Self.page - 1)
            let vends = try database.read { db in try Self.vends(db, in: range, since: since, until: until) }
            for vend in vends { try take(vend) }
            first = range.upperBound + 1
            progress(range.upperBound - span.first + 1, span.count)
        }
    }

    private static func vends(
        _ db: any Transaction,
        in range: ClosedRange<Int64>,
        since: Date,
        until: Date
    ) throws -> [VendedSession] {
        try db.all(
            """
            SELECT sequence, occurred_at, access_key_id, researcher, key_id FROM records
            WHERE sequence BETWEEN ? AND ? AND kind = 'vend' AND occurred_at BETWEEN ? AND ?
                AND access_key_id IS NOT NULL AND researcher IS NOT NULL AND key_id IS NOT NULL
            ORDER BY sequence
            """,
            [range.lowerBound, range.upperBound, since, until]
        )
    }
}

extension PossibleBlock: RowDecodable {
    package init(_ row: ResultRow) throws {
        self.init(date: try row["occurred_at"], researcher: try row["researcher"])
    }
}

extension VendedSession: RowDecodable {
    package init(_ row: ResultRow) throws {
        self.init(
            sequence: try row["sequence"],
            date: try row["occurred_at"],
            accessKeyID: try row["access_key_id"],
            researcher: try row["researcher"],
            key: try row["key_id"]
        )
    }
}
