import BursarFoundation
import Crypto
import GRDB

/// Recomputes the hashes of a range of stored records, one row at a time.
///
/// Bytes go from SQLite's memory through one buffer into the hash: this makes no strings, and trusts no value to be of
/// its column's type, since an attacker who edits records may edit the schema too.
struct RecordReader {
    private static let sql = """
        SELECT sequence, format, kind, occurred_at, researcher, key_id, address, access_key_id, expires_at, request_id,
            reason, actor, detail, hash
        FROM records WHERE sequence BETWEEN ? AND ? ORDER BY sequence
        """

    /// Columns by their position in the query: names would be looked up for each of millions of values.
    private enum Column {
        static let sequence = 0
        static let format = 1
        static let kind = 2
        static let occurred = 3
        /// Researcher, key_id, address and access_key_id.
        static let texts = 4...7
        static let expires = 8
        static let requestID = 9
        /// Reason, actor and detail.
        static let reasons = 10...12
        static let hash = 13
    }

    private var bytes: [UInt8] = []
    private var previous: [UInt8] = []

    /// Returns the first bad record of `range`, or nil; `previous` is the stored hash of the record before it.
    ///
    /// To be called inside one read transaction.
    mutating func firstFault(
        _ db: Database,
        in range: ClosedRange<Int64>,
        after previous: [UInt8]
    ) throws -> ChainError? {
        self.previous = previous
        bytes.reserveCapacity(512)
        var expected = range.lowerBound
        let statement = try db.cachedStatement(sql: Self.sql)
        let rows = try Row.fetchCursor(statement, arguments: [range.lowerBound, range.upperBound])
        while let row = try rows.next() {
            guard row[Column.sequence] as Int64? == expected else {
                return ChainError(sequence: expected, kind: .missing)
            }
            if let kind = try fault(row, expected) { return ChainError(sequence: expected, kind: kind) }
            expected += 1
        }
        return expected > range.upperBound ? nil : ChainError(sequence: expected, kind: .missing)
    }

    private mutating func fault(_ row: Row, _ sequence: Int64) throws -> ChainError.Kind? {
        guard
            let format = (row[Column.format] as Int64?).flatMap({ UInt8(exactly: $0) })
                .flatMap(RecordEntry.Format.init(rawValue:)), !row.hasNull(atIndex: Column.occurred)
        else { return .unreadable }
        bytes.removeAll(keepingCapacity: true)
        bytes.append(format.rawValue)
        bytes += previous
        append(number: sequence)
        try append(text: Column.kind, of: row)
        append(number: row[Column.occurred] as Int64?)
        for column in Column.texts { try append(text: column, of: row) }
        append(number: row[Column.expires] as Int64?)
        try append(text: Column.requestID, of: row)
        switch format {
        case .reasoned: for column in Column.reasons { try append(text: column, of: row) }
        case .plain: guard Column.reasons.allSatisfy({ row.hasNull(atIndex: $0) }) else { return .unhashed }
        }
        let digest = SHA256.hash(data: bytes)
        return try row.withUnsafeData(atIndex: Column.hash) { stored in
            guard let stored, stored.count == SHA256.byteCount, stored.elementsEqual(digest) else { return .altered }
            previous.removeAll(keepingCapacity: true)
            previous.append(contentsOf: stored)
            return nil
        }
    }

    private mutating func append(text column: Int, of row: Row) throws {
        try row.withUnsafeData(atIndex: column) { data in
            guard let data else { return append(bigEndian: UInt32.max) }
            append(bigEndian: UInt32(truncatingIfNeeded: data.count))
            data.withUnsafeBytes { bytes.append(contentsOf: $0) }
        }
    }

    private mutating func append(number: Int64?) {
        guard let number else { return append(bigEndian: UInt32.max) }
        append(bigEndian: UInt32(8))
        append(bigEndian: number)
    }

    private mutating func append(bigEndian number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }
}
