import BursarFoundation
import Crypto

/// Recomputes the hashes of a range of stored records, one row at a time.
///
/// Bytes go from the engine's memory through one buffer into the hash: this makes no strings, and trusts no value to be of
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
        _ db: any Transaction,
        in range: ClosedRange<Int64>,
        after previous: [UInt8]
    ) throws -> ChainError? {
        self.previous = previous
        bytes.reserveCapacity(512)
        var expected = range.lowerBound
        var error: ChainError?
        try db.forEachRaw(Self.sql, [range.lowerBound, range.upperBound]) { row in
            guard error == nil else { return }
            guard row.integer(Column.sequence) == expected else {
                error = ChainError(sequence: expected, kind: .missing)
                return
            }
            error = fault(row, expected).map { ChainError(sequence: expected, kind: $0) }
            expected += 1
        }
        if let error { return error }
        return expected > range.upperBound ? nil : ChainError(sequence: expected, kind: .missing)
    }

    private mutating func fault(_ row: any RawRow, _ sequence: Int64) -> ChainError.Kind? {
        guard
            let format = row.integer(Column.format).flatMap({ UInt8(exactly: $0) })
                .flatMap(RecordEntry.Format.init(rawValue:)), let occurred = row.integer(Column.occurred)
        else { return .unreadable }
        bytes.removeAll(keepingCapacity: true)
        bytes.append(format.rawValue)
        bytes += previous
        append(number: sequence)
        append(row.bytes(Column.kind))
        append(number: occurred)
        for column in Column.texts { append(row.bytes(column)) }
        append(number: row.integer(Column.expires))
        append(row.bytes(Column.requestID))
        switch format {
        case .reasoned: for column in Column.reasons { append(row.bytes(column)) }
        case .plain: guard Column.reasons.allSatisfy({ row.bytes($0) == nil }) else { return .unhashed }
        }
        let digest = SHA256.hash(data: bytes)
        guard let stored = row.bytes(Column.hash), stored.count == SHA256.byteCount, stored.elementsEqual(digest) else {
            return .altered
        }
        previous.removeAll(keepingCapacity: true)
        previous.append(contentsOf: stored)
        return nil
    }

    private mutating func append(_ text: UnsafeRawBufferPointer?) {
        guard let text else { return append(bigEndian: UInt32.max) }
        append(bigEndian: UInt32(truncatingIfNeeded: text.count))
        bytes.append(contentsOf: text)
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
