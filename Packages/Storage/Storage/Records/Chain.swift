import BursarFoundation
import Crypto

/// The records' hash chain: each record holds the hash of the one before, so that every later hash shows an edit.
///
/// `hash = SHA-256(format ‖ previous ‖ field …)`. The format is one byte; a field is its length as 4 bytes big-endian
/// and its bytes, or `FF FF FF FF` if absent. Fields in order: sequence (8 bytes big-endian), kind, occurred_at
/// (8 bytes), researcher, key_id, address, access_key_id, expires_at (8 bytes), request_id; format 2 adds
/// reason, actor, detail. The record before the first is 32 zero bytes.
package struct Chain: Sendable {
    package private(set) var sequence: Int64
    package private(set) var head: [UInt8]

    /// The current head, to be read inside the transaction that appends: other processes append too.
    package static func current(_ db: any Transaction) throws -> Chain {
        try announced(db).get()
    }

    static func announced(_ db: any Transaction) -> Announced<Chain> {
        let sql = "SELECT sequence, hash FROM records ORDER BY sequence DESC LIMIT 1"
        let last: Announced<Chain?> = db.announceFirst(sql)
        return Announced { try last.get() ?? pruned(db) }
    }

    /// The head at which the remaining records begin.
    package static func pruned(_ db: any Transaction) throws -> Chain {
        guard let chain: Chain = try db.first("SELECT sequence, hash FROM pruned") else {
            throw StoreError.unavailable(cause: "the row of what was pruned is missing")
        }
        return chain
    }

    /// Writes one entry as the next record.
    mutating func append(_ entry: RecordEntry, to db: any Transaction) throws {
        try append([entry], to: db)
    }

    /// Writes `entries` as the next records.
    mutating func append(_ entries: [RecordEntry], to db: any Transaction) throws {
        var values: [SQLValue] = []
        values.reserveCapacity(entries.count * Self.columns.count)
        for entry in entries {
            advance(over: entry)
            values += [
                .integer(sequence), .text(entry.kind.rawValue), .integer(entry.occurred), SQLValue(entry.researcher),
                SQLValue(entry.keyID), SQLValue(entry.address), SQLValue(entry.accessKeyID), SQLValue(entry.expires),
                SQLValue(entry.requestID), .integer(Int64(entry.format.rawValue)), SQLValue(entry.reason),
                SQLValue(entry.actor), SQLValue(entry.detail), .blob(head),
            ]
        }
        try Self.insert.write(values, to: db)
    }

    private static let columns: KeyValuePairs<String, ColumnType> = [
        "sequence": .integer, "kind": .text, "occurred_at": .integer, "researcher": .text, "key_id": .text,
        "address": .text, "access_key_id": .text, "expires_at": .integer, "request_id": .text, "format": .integer,
        "reason": .text, "actor": .text, "detail": .text, "hash": .blob,
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

extension Chain: RowDecodable {
    package init(_ row: ResultRow) throws {
        sequence = try row["sequence"]
        head = try row["hash"]
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

/// The content of one record in the chain.
///
/// It holds handles, key ids and addresses only; there is no field for a name or a secret.
package struct RecordEntry: Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case vend
        case refusal
        /// A canary was presented, and refused.
        case canaryUsed = "canary_used"
        case researcherAdded = "researcher_added"
        case researcherUpdated = "researcher_updated"
        case researcherDisabled = "researcher_disabled"
        case researcherEnabled = "researcher_enabled"
        case keyIssued = "key_issued"
        case keyUpdated = "key_updated"
        case keyRevoked = "key_revoked"
        case sessionsEnded = "sessions_ended"
        case sessionsAllowed = "sessions_allowed"
        /// A change in AWS that `admin` made with the operator's rights there.
        case awsChanged = "aws_changed"
        case recordsExported = "records_exported"
        case recordsPruned = "records_pruned"
        case databaseBackedUp = "database_backed_up"
        case databaseRestored = "database_restored"
        /// A login of a server or an operator, in a database on a server.
        case loginChanged = "login_changed"
        case vendingPaused = "vending_paused"
        case vendingResumed = "vending_resumed"
        /// Prices or aliases of models were recorded.
        case pricesChanged = "prices_changed"
        /// An operator brought in calls from files.
        case spendImported = "spend_imported"
    }

    /// The fields of a record that are hashed; the chain's version byte.
    enum Format: UInt8, Sendable {
        case plain = 1
        case reasoned = 2
    }

    var format = Format.reasoned
    let kind: Kind
    /// UTC milliseconds.
    let occurred: Int64
    var researcher: String?
    var keyID: String?
    var address: String?
    var accessKeyID: String?
    /// UTC milliseconds: the expiry of the vended credentials or the key.
    var expires: Int64?
    var requestID: String?
    /// The code of a refusal.
    var reason: String?
    /// The operator, as reported by their operating system.
    var actor: String?
    /// Details of the action or vend beyond `kind`.
    var detail: String?
}
