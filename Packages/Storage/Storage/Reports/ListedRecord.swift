package import BursarFoundation
package import BursarModel

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

extension ListedRecord: RowDecodable {
    package init(_ row: ResultRow) throws {
        sequence = try row["sequence"]
        kind = try row["kind"]
        date = try row["occurred_at"]
        researcher = try row["researcher"]
        key = try row["key_id"]
        address = try row["address"]
        accessKeyID = try row["access_key_id"]
        expires = try row["expires_at"]
        requestID = try row["request_id"]
        reason = try row["reason"]
        actor = try row["actor"]
        detail = try row["detail"]
    }
}

extension AuditTrail {
    /// Records per read, so that no read takes long.
    private static let page: Int64 = 50_000

    /// The number of records that ``records(_:limit:progress:)`` may have to read.
    package func recordsToRead(_ filter: RecordFilter) throws -> Int64 {
        guard !filter.usesActionIndex else { return 0 }
        return try database.read { db in try RecordSpan(db, since: filter.since, until: filter.until).count }
    }

    /// Returns the newest `limit` records that match `filter`, newest first.
    ///
    /// `progress` receives the number of records read so far, and of all records to read.
    package func records(
        _ filter: RecordFilter,
        limit: Int,
        progress: (_ read: Int64, _ of: Int64) -> Void = { _, _ in }
    ) throws -> [ListedRecord] {
        let span = try database.read { db in try RecordSpan(db, since: filter.since, until: filter.until) }
        let query = RecordQuery(filter)
        let page = filter.usesActionIndex ? max(span.count, 1) : Self.page
        var found: [ListedRecord] = []
        var last = span.last
        while last >= span.first, found.count < limit {
            let range = max(span.first, last - page + 1)...last
            let missing = limit - found.count
            found += try database.read { db in try query.records(db, in: range, limit: missing) }
            last = range.lowerBound - 1
            progress(span.last - last, span.count)
        }
        return found
    }
}

/// A filter as SQL.
private struct RecordQuery {
    private var conditions = ["sequence BETWEEN ? AND ?"]
    private var arguments: SQLArguments = []
    private let usesActionIndex: Bool
    private let address: CIDRBlock?

    init(_ filter: RecordFilter) {
        address = filter.address
        usesActionIndex = filter.usesActionIndex
        // Word for word as in the index, which is used for no other condition.
        if filter.usesActionIndex { conditions.append("kind NOT IN ('vend', 'refusal')") }
        if filter.isActionsOnly { conditions.append("actor IS NOT NULL") }
        if let since = filter.since { add("occurred_at >= ?", [since]) }
        if let until = filter.until { add("occurred_at < ?", [until]) }
        if let actor = filter.actor {
            // A user's name and "@" is before the name and "A": LIKE would ignore the case of letters on one engine.
            add("(actor = ? OR (actor >= ? AND actor < ?))", [actor, actor + "@", actor + "A"])
        }
        if let researcher = filter.researcher { add("lower(researcher) = ?", [researcher.folded]) }
        if let key = filter.key?.lowercased() { add("(key_id >= ? AND key_id < ?)", [key, key + "\u{7F}"]) }
        if !filter.kinds.isEmpty {
            let marks = filter.kinds.map { _ in "?" }.joined(separator: ", ")
            add("kind IN (\(marks))", SQLArguments(filter.kinds))
        }
    }

    func records(_ db: any Transaction, in range: ClosedRange<Int64>, limit: Int) throws -> [ListedRecord] {
        let place = try address.map { try AddressCondition($0, db) }
        let sql = """
            SELECT sequence, kind, occurred_at, researcher, key_id, address, access_key_id, expires_at, request_id,
                reason, actor, detail
            FROM records \(usesActionIndex ? db.dialect.indexed(by: "records_of_operators") : "")
            WHERE \((conditions + [place?.sql].compactMap(\.self)).joined(separator: " AND "))
            ORDER BY sequence DESC LIMIT ?
            """
        let bounds: SQLArguments = [range.lowerBound, range.upperBound]
        return try db.all(sql, bounds + arguments + (place?.arguments ?? []) + [limit])
    }

    private mutating func add(_ condition: String, _ values: SQLArguments) {
        conditions.append(condition)
        arguments += values
    }
}
