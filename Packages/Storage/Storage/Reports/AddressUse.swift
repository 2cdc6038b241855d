package import BursarFoundation
package import BursarModel

/// The recorded use of a key from some addresses, refusals included.
package struct AddressUse: Sendable, Equatable {
    /// nil, like the key, if the records name none.
    package let researcher: String?
    package let key: String?
    package fileprivate(set) var vends: Int
    /// Recorded refusals; of repetitions within an hour only the first is recorded.
    package fileprivate(set) var refusals: Int
    package fileprivate(set) var first: Date
    package fileprivate(set) var last: Date
}

extension UsageReports {
    /// Records per read, so that no read takes long.
    private static let page: Int64 = 50_000

    /// Returns the keys used from `block`, the latest first; it reads every record from `since` to `until`.
    package func uses(
        of block: CIDRBlock,
        since: Date? = nil,
        until: Date? = nil,
        progress: (_ read: Int64, _ of: Int64) -> Void = { _, _ in }
    ) throws -> [AddressUse] {
        let span = try database.read { db in try RecordSpan(db, since: since, until: until) }
        var found: [String: AddressUse] = [:]
        var first = span.first
        while first <= span.last {
            let range = first...min(span.last, first + Self.page - 1)
            for use in try database.read({ db in try Self.uses(db, of: block, in: range, since, until) }) {
                let name = "\(use.researcher ?? "") \(use.key ?? "")"
                found[name] = found[name].map { $0.joined(with: use) } ?? use
            }
            first = range.upperBound + 1
            progress(range.upperBound - span.first + 1, span.count)
        }
        return found.values.sorted { one, other in
            (other.last, one.key ?? "", one.researcher ?? "") < (one.last, other.key ?? "", other.researcher ?? "")
        }
    }

    private static func uses(
        _ db: any Transaction,
        of block: CIDRBlock,
        in range: ClosedRange<Int64>,
        _ since: Date?,
        _ until: Date?
    ) throws -> [AddressUse] {
        let condition = try AddressCondition(block, db)
        let sql = """
            SELECT researcher, key_id, count(*) FILTER (WHERE kind = 'vend') AS vends,
                count(*) FILTER (WHERE kind <> 'vend') AS refusals, min(occurred_at) AS first_at,
                max(occurred_at) AS last_at
            FROM records WHERE sequence BETWEEN ? AND ? AND \(condition.sql)
                AND occurred_at >= ? AND occurred_at < ? GROUP BY researcher, key_id
            """
        let times: SQLArguments = [since?.milliseconds ?? .min, until?.milliseconds ?? .max]
        return try db.all(sql, [range.lowerBound, range.upperBound] + condition.arguments + times)
    }
}

extension AddressUse: RowDecodable {
    package init(_ row: ResultRow) throws {
        researcher = try row["researcher"]
        key = try row["key_id"]
        vends = try row["vends"]
        refusals = try row["refusals"]
        first = try row["first_at"]
        last = try row["last_at"]
    }
}

extension AddressUse {
    fileprivate func joined(with other: AddressUse) -> AddressUse {
        var joined = self
        joined.vends += other.vends
        joined.refusals += other.refusals
        joined.first = min(first, other.first)
        joined.last = max(last, other.last)
        return joined
    }
}

/// The condition that a record's address lies in a block, as SQL.
struct AddressCondition {
    let sql: String
    let arguments: SQLArguments

    init(_ block: CIDRBlock, _ db: any Transaction) throws {
        if block == CIDRBlock(around: block.network, prefix: .max) {
            (sql, arguments) = ("address = ?", [block.network.description])
        } else {
            (sql, arguments) = try db.condition("address", liesIn: block)
        }
    }
}
