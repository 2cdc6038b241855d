package import BursarFoundation
import BursarModel

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

extension AuditTrail {
    /// Sequence numbers per transaction: few enough that the write-ahead log can be checkpointed in between.
    package static let exportPage: Int64 = 5_000
    /// The time by which records may be out of order, after a delayed write or a clock that was set.
    private static let disorder: TimeInterval = 86_400

    /// All kinds of records.
    package static var recordKinds: [String] { RecordEntry.Kind.allCases.map(\.rawValue) }

    /// The sequence numbers between which all current records of `scope` are.
    package func exportRange(_ scope: ExportScope) throws -> Range<Int64> {
        try database.read { db in
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
        try database.write { [detail] db in
            try act.record(.recordsExported, researcher: scope.researcher, detail: detail, in: db)
        }
    }

    /// Returns the records of one page that match `scope`; nil if some of them were pruned meanwhile.
    package func exportPage(_ page: Range<Int64>, _ scope: ExportScope) throws -> [ExportedRecord]? {
        try database.read { db in
            guard try Chain.pruned(db).sequence < page.lowerBound else { return nil }
            let filters: [(condition: String, value: (any SQLConvertible)?)] = [
                ("occurred_at >= ?", scope.from), ("occurred_at < ?", scope.until),
                ("researcher = ?", scope.researcher),
                ("kind = ?", scope.kind),
            ]
            let used = filters.filter { $0.value != nil }
            let sql = """
                SELECT sequence, kind, occurred_at, researcher, key_id, address, access_key_id, expires_at, request_id,
                    reason, actor, detail, format, hash
                FROM records
                WHERE \((["sequence >= ?", "sequence < ?"] + used.map(\.condition)).joined(separator: " AND "))
                ORDER BY sequence
                """
            let bounds: SQLArguments = [page.lowerBound, page.upperBound]
            return try db.all(sql, bounds + SQLArguments(used.compactMap(\.value)))
        }
    }
}

extension ExportedRecord: RowDecodable {
    package init(_ row: ResultRow) throws {
        func time(_ name: String) throws -> String? {
            (try row[name] as Int64?).map { milliseconds in
                let (seconds, rest) = (milliseconds / 1000, milliseconds % 1000)
                let whole = Timestamp.string(Date(timeIntervalSince1970: Double(seconds))).dropLast()
                return "\(whole).\(String(1000 + rest).dropFirst())Z"
            }
        }
        self.init(
            sequence: try row["sequence"],
            kind: try row["kind"],
            occurred: try time("occurred_at") ?? "",
            researcher: try row["researcher"],
            keyID: try row["key_id"],
            address: try row["address"],
            accessKeyID: try row["access_key_id"],
            expires: try time("expires_at"),
            requestID: try row["request_id"],
            reason: try row["reason"],
            actor: try row["actor"],
            detail: try row["detail"],
            format: try row["format"],
            hash: (try row["hash"] as [UInt8]).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        )
    }
}
