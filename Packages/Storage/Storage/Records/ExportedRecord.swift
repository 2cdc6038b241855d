package import BursarFoundation
import BursarModel
import GRDB

/// A record in an export.
package struct ExportedRecord: Sendable, Encodable, Equatable {
    package let sequence: Int64
    package let kind: String
    package let occurred: String
    package let researcher: String?
    package let keyID: String?
    package let address: String?
    package let accessKeyID: String?
    package let expires: String?
    package let requestID: String?
    package let reason: String?
    package let actor: String?
    package let detail: String?
    package let format: Int
    /// The chain's hash, in hexadecimal digits.
    package let hash: String
}

/// The filter of an export.
package struct ExportScope: Sendable, Equatable {
    package let from: Date?
    package let until: Date?
    package let researcher: String?
    package let kind: String?

    package init(from: Date?, until: Date?, researcher: String?, kind: String?) {
        self.from = from
        self.until = until
        self.researcher = researcher
        self.kind = kind
    }
}

extension Store {
    /// Sequence numbers per transaction: few enough that the write-ahead log can be checkpointed in between.
    package static let exportPage: Int64 = 5_000
    /// The time by which records may be out of order, after a delayed write or a clock that was set.
    private static let disorder: TimeInterval = 86_400

    /// All kinds of records.
    package static var recordKinds: [String] { RecordEntry.Kind.allCases.map(\.rawValue) }

    /// The sequence numbers between which all current records of `scope` are.
    package func exportRange(_ scope: ExportScope) throws -> Range<Int64> {
        try read { db in
            let first = try Chain.pruned(db).sequence + 1
            let end = try Chain.current(db).sequence + 1
            let from = try scope.from.map { try SequenceSearch.first(from: $0 - Self.disorder, db) } ?? first
            let until = try scope.until.map { try SequenceSearch.first(from: $0 + Self.disorder, db) } ?? end
            return from..<max(from, until)
        }
    }

    /// Records the export in the chain, before any record is exported.
    package func recordExport(_ range: Range<Int64>, _ scope: ExportScope, by act: AuditContext) throws {
        var detail = "records \(range.lowerBound) to \(range.upperBound - 1)"
        if let from = scope.from { detail += ", from \(Timestamp.string(from))" }
        if let until = scope.until { detail += ", before \(Timestamp.string(until))" }
        if let kind = scope.kind { detail += ", \(kind) only" }
        try write { [detail] db in
            try act.record(.recordsExported, researcher: scope.researcher, detail: detail, in: db)
        }
    }

    /// Returns the records of one page that match `scope`; nil if some of them were pruned meanwhile.
    package func exportPage(_ page: Range<Int64>, _ scope: ExportScope) throws -> [ExportedRecord]? {
        try read { db in
            guard try Chain.pruned(db).sequence < page.lowerBound else { return nil }
            let statement = try db.cachedStatement(
                sql: """
                    SELECT sequence, kind, occurred_at, researcher, key_id, address, access_key_id, expires_at,
                        request_id, reason, actor, detail, format, hash
                    FROM records WHERE sequence >= ?1 AND sequence < ?2
                        AND (?3 IS NULL OR occurred_at >= ?3) AND (?4 IS NULL OR occurred_at < ?4)
                        AND (?5 IS NULL OR researcher = ?5) AND (?6 IS NULL OR kind = ?6)
                    ORDER BY sequence
                    """
            )
            return try Row.fetchAll(
                statement,
                arguments: [
                    page.lowerBound, page.upperBound, scope.from?.milliseconds, scope.until?.milliseconds,
                    scope.researcher, scope.kind,
                ]
            ).map(ExportedRecord.init)
        }
    }
}

extension ExportedRecord {
    fileprivate init(_ row: Row) {
        func time(_ name: String) -> String? {
            (row[name] as Int64?).map { milliseconds in
                let (seconds, rest) = (milliseconds / 1000, milliseconds % 1000)
                let whole = Timestamp.string(Date(timeIntervalSince1970: Double(seconds))).dropLast()
                return "\(whole).\(String(1000 + rest).dropFirst())Z"
            }
        }
        self.init(
            sequence: row["sequence"],
            kind: row["kind"],
            occurred: time("occurred_at") ?? "",
            researcher: row["researcher"],
            keyID: row["key_id"],
            address: row["address"],
            accessKeyID: row["access_key_id"],
            expires: time("expires_at"),
            requestID: row["request_id"],
            reason: row["reason"],
            actor: row["actor"],
            detail: row["detail"],
            format: row["format"],
            hash: (row["hash"] as Data).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        )
    }
}
