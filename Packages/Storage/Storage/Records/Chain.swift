import BursarFoundation
import Crypto
import GRDB

/// The records' hash chain: each holds the hash of the one before, so an edit shows to whoever reads on from there.
///
/// `hash = SHA-256(format ‖ previous ‖ field …)`, the format one byte, a field being its length as 4 bytes big-endian
/// and its bytes, or `FF FF FF FF` when absent. Fields in order: sequence (8 bytes big-endian), kind, occurred_at
/// (8 bytes), researcher, key_id, address, access_key_id, expires_at (8 bytes), request_id; format 2 goes on with
/// reason, actor, detail. The record before the first is 32 zero bytes.
struct Chain {
    private(set) var sequence: Int64
    private(set) var head: [UInt8]

    /// The chain as it stands, read inside the transaction that appends: other processes append too.
    static func current(_ db: Database) throws -> Chain {
        let sql = "SELECT sequence, hash FROM records ORDER BY sequence DESC LIMIT 1"
        guard let row = try Row.fetchOne(db.cachedStatement(sql: sql)) else { return try pruned(db) }
        return Chain(sequence: row[0], head: Array(row[1] as Data))
    }

    /// The chain where what is left of it begins.
    static func pruned(_ db: Database) throws -> Chain {
        let statement = try db.cachedStatement(sql: "SELECT sequence, hash FROM pruned")
        guard let row = try Row.fetchOne(statement) else {
            throw StoreError.unavailable(cause: "the row of what was pruned is missing")
        }
        return Chain(sequence: row[0], head: Array(row[1] as Data))
    }

    /// Writes `entry` as the next record.
    mutating func append(_ entry: RecordEntry, to db: Database) throws {
        try append([entry], to: db)
    }

    /// Writes `entries` as the next records.
    mutating func append(_ entries: [RecordEntry], to db: Database) throws {
        var values: [(any DatabaseValueConvertible)?] = []
        values.reserveCapacity(entries.count * Self.columns.count)
        for entry in entries {
            advance(over: entry)
            values += [
                sequence, entry.kind.rawValue, entry.occurred, entry.researcher, entry.keyID, entry.address,
                entry.accessKeyID, entry.expires, entry.requestID, Int64(entry.format.rawValue), entry.reason,
                entry.actor, entry.detail, Data(head),
            ]
        }
        try Self.insert.write(values, to: db)
    }

    private static let columns = [
        "sequence", "kind", "occurred_at", "researcher", "key_id", "address", "access_key_id", "expires_at",
        "request_id", "format", "reason", "actor", "detail", "hash",
    ]
    private static let insert = RowInsert(into: "records", columns)

    /// Moves the head over `entry`, without writing it.
    mutating func advance(over entry: RecordEntry) {
        sequence += 1
        var hash = SHA256()
        hash.update(data: [entry.format.rawValue])
        hash.update(data: head)
        hash.update(field: sequence)
        hash.update(field: entry.kind.rawValue)
        hash.update(field: entry.occurred)
        hash.update(field: entry.researcher)
        hash.update(field: entry.keyID)
        hash.update(field: entry.address)
        hash.update(field: entry.accessKeyID)
        hash.update(field: entry.expires)
        hash.update(field: entry.requestID)
        if entry.format == .reasoned {
            hash.update(field: entry.reason)
            hash.update(field: entry.actor)
            hash.update(field: entry.detail)
        }
        head = Array(hash.finalize())
    }
}

extension SHA256 {
    fileprivate mutating func update(field text: String?) {
        guard var text else { return update(bigEndian: UInt32.max) }
        text.withUTF8 { bytes in
            update(bigEndian: UInt32(bytes.count))
            update(bufferPointer: UnsafeRawBufferPointer(bytes))
        }
    }

    fileprivate mutating func update(field number: Int64?) {
        guard let number else { return update(bigEndian: UInt32.max) }
        update(bigEndian: UInt32(8))
        update(bigEndian: number)
    }

    private mutating func update(bigEndian number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.bigEndian) { update(bufferPointer: $0) }
    }
}
