package import BursarFoundation
import BursarModel
import GRDB

/// A vend, as far as AWS knows of it.
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

extension Store {
    /// Records looked at in one read, so that no read lasts.
    private static let page: Int64 = 50_000

    /// How many records ``records(_:limit:progress:)`` may have to look at.
    package func recordsToRead(_ filter: RecordFilter) throws -> Int64 {
        guard !filter.usesActionIndex else { return 0 }
        return try read { db in try RecordSpan(db, since: filter.since, until: filter.until).count }
    }

    /// The newest `limit` records that `filter` asks for, newest first.
    ///
    /// `progress` is told how many records were looked at, and of how many.
    package func records(
        _ filter: RecordFilter,
        limit: Int,
        progress: (_ read: Int64, _ of: Int64) -> Void = { _, _ in }
    ) throws -> [ListedRecord] {
        let span = try read { db in try RecordSpan(db, since: filter.since, until: filter.until) }
        let query = RecordQuery(filter)
        let page = filter.usesActionIndex ? max(span.count, 1) : Self.page
        var found: [ListedRecord] = []
        var last = span.last
        while last >= span.first, found.count < limit {
            let range = max(span.first, last - page + 1)...last
            let missing = limit - found.count
            found += try read { db in try query.records(db, in: range, limit: missing) }
            last = range.lowerBound - 1
            progress(span.last - last, span.count)
        }
        return found
    }

    /// Hands each vend from `since` to `until` to `take`, oldest first.
    package func vends(
        since: Date,
        until: Date,
        progress: (_ read: Int64, _ of: Int64) -> Void = { _, _ in },
        take: (VendedSession) throws -> Void
    ) throws {
        let span = try read { db in try RecordSpan(db, since: since, until: until) }
        var first = span.first
        while first <= span.last {
            let range = first...min(span.last, first + Self.page - 1)
            let vends = try read { db in try Self.vends(db, in: range, since: since, until: until) }
            for vend in vends { try take(vend) }
            first = range.upperBound + 1
            progress(range.upperBound - span.first + 1, span.count)
        }
    }

    private static func vends(
        _ db: Database,
        in range: ClosedRange<Int64>,
        since: Date,
        until: Date
    ) throws -> [VendedSession] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT sequence, occurred_at, access_key_id, researcher, key_id FROM records
                WHERE sequence BETWEEN ? AND ? AND kind = 'vend' AND occurred_at BETWEEN ? AND ?
                    AND access_key_id IS NOT NULL AND researcher IS NOT NULL AND key_id IS NOT NULL
                ORDER BY sequence
                """
        )
        let arguments: StatementArguments = [
            range.lowerBound, range.upperBound, since.milliseconds, until.milliseconds,
        ]
        let rows = try Row.fetchCursor(statement, arguments: arguments)
        var vends: [VendedSession] = []
        while let row = try rows.next() {
            vends.append(
                VendedSession(
                    sequence: row[0],
                    date: Date(milliseconds: row[1]),
                    accessKeyID: row[2],
                    researcher: row[3],
                    key: row[4]
                )
            )
        }
        return vends
    }
}

/// A filter, as SQL.
private struct RecordQuery {
    private var conditions = ["sequence BETWEEN ? AND ?"]
    private var arguments = StatementArguments()
    private let index: String
    private let address: CIDRBlock?

    init(_ filter: RecordFilter) {
        address = filter.address
        index = filter.usesActionIndex ? "INDEXED BY records_of_operators" : ""
        // Word for word as in the index, which is used for nothing else.
        if filter.usesActionIndex { conditions.append("kind NOT IN ('vend', 'refusal')") }
        if filter.isActionsOnly { conditions.append("actor IS NOT NULL") }
        if let since = filter.since { add("occurred_at >= ?", [since.milliseconds]) }
        if let until = filter.until { add("occurred_at < ?", [until.milliseconds]) }
        if let actor = filter.actor {
            add("(actor = ? OR actor LIKE ? ESCAPE '\\')", [actor, Self.escaped(actor) + "@%"])
        }
        if let researcher = filter.researcher { add("researcher = ? COLLATE NOCASE", [researcher.description]) }
        if let key = filter.key { add("key_id LIKE ? ESCAPE '\\'", [Self.escaped(key) + "%"]) }
        if !filter.kinds.isEmpty {
            let marks = filter.kinds.map { _ in "?" }.joined(separator: ", ")
            add("kind IN (\(marks))", StatementArguments(filter.kinds))
        }
    }

    func records(_ db: Database, in range: ClosedRange<Int64>, limit: Int) throws -> [ListedRecord] {
        let place = address.map { AddressCondition($0, db) }
        let sql = """
            SELECT * FROM records \(index)
            WHERE \((conditions + [place?.sql].compactMap(\.self)).joined(separator: " AND "))
            ORDER BY sequence DESC LIMIT ?
            """
        let statement = try db.cachedStatement(sql: sql)
        let all =
            StatementArguments([range.lowerBound, range.upperBound]) + arguments
            + (place?.arguments ?? StatementArguments()) + StatementArguments([limit])
        return try Row.fetchAll(statement, arguments: all).map(ListedRecord.init)
    }

    private mutating func add(_ condition: String, _ values: StatementArguments) {
        conditions.append(condition)
        arguments += values
    }

    /// Text whose own `%` and `_` stand for themselves.
    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("%", with: "\\%").replacing("_", with: "\\_")
    }
}
