package import BursarFoundation
package import BursarModel
import GRDB

/// A record as shown in lists.
package struct ListedRecord: Sendable, Equatable {
    package let sequence: Int64
    package let kind: String
    package let date: Date
    package let researcher: String?
    package let key: String?
    package let address: String?
    package let accessKeyID: String?
    /// The expiry of the vended credentials or the key.
    package let expires: Date?
    package let requestID: String?
    package let reason: String?
    /// The operator, as reported by their operating system.
    package let actor: String?
    package let detail: String?
}

/// A filter of records; nil is no condition.
package struct RecordFilter: Sendable, Equatable {
    package var since: Date?
    /// The end of the range, exclusive.
    package var until: Date?
    /// A user on any host, or `user@host`.
    package var actor: String?
    package var researcher: Handle?
    /// The first characters of a key's id.
    package var key: String?
    /// The client's address or network.
    package var address: CIDRBlock?
    /// Any of these kinds; empty is every kind.
    package var kinds: [String] = []
    /// Only operators' actions.
    package var isActionsOnly = false

    package init() {}

    /// All kinds of records.
    package static var allKinds: [String] { RecordEntry.Kind.allCases.map(\.rawValue) }

    /// True if the index of records other than vends and refusals has all matching records.
    var usesActionIndex: Bool {
        let others = [RecordEntry.Kind.vend, .refusal].map(\.rawValue)
        return isActionsOnly || actor != nil || (!kinds.isEmpty && !kinds.contains { others.contains($0) })
    }

    /// True if many records may have to be read to find a few.
    package var isSelective: Bool {
        !usesActionIndex && (researcher != nil || key != nil || address != nil || !kinds.isEmpty)
    }
}

extension ListedRecord {
    fileprivate init(_ row: Row) {
        self.init(
            sequence: row["sequence"],
            kind: row["kind"],
            date: row.date("occurred_at"),
            researcher: row["researcher"],
            key: row["key_id"],
            address: row["address"],
            accessKeyID: row["access_key_id"],
            expires: row.optionalDate("expires_at"),
            requestID: row["request_id"],
            reason: row["reason"],
            actor: row["actor"],
            detail: row["detail"]
        )
    }
}

extension Store {
    /// Records per read, so that no read takes long.
    private static let page: Int64 = 50_000

    /// The number of records that ``records(_:limit:progress:)`` may have to read.
    package func recordsToRead(_ filter: RecordFilter) throws -> Int64 {
        guard !filter.usesActionIndex else { return 0 }
        return try read { db in try RecordSpan(db, since: filter.since, until: filter.until).count }
    }

    /// Returns the newest `limit` records that match `filter`, newest first.
    ///
    /// `progress` receives the number of records read so far, and of all records to read.
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
}

/// A filter as SQL.
private struct RecordQuery {
    private var conditions = ["sequence BETWEEN ? AND ?"]
    private var arguments = StatementArguments()
    private let index: String
    private let address: CIDRBlock?

    init(_ filter: RecordFilter) {
        address = filter.address
        index = filter.usesActionIndex ? "INDEXED BY records_of_operators" : ""
        // Word for word as in the index, which SQLite uses for no other condition.
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
            SELECT sequence, kind, occurred_at, researcher, key_id, address, access_key_id, expires_at, request_id,
                reason, actor, detail
            FROM records \(index)
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

    /// Escapes `%` and `_` for LIKE.
    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("%", with: "\\%").replacing("_", with: "\\_")
    }
}
