package import BursarFoundation
import Crypto

/// A copy of all rows of one database into a new one, of the same engine or the other.
///
/// The source is read in one consistent state and isn't changed. The rows pass the target's constraints and triggers, as
/// any other rows would, and are then read again and compared. The caller's transaction makes it all or nothing.
package struct DatabaseTransfer: Sendable {
    /// The part of the work that a progress report is about.
    package enum Step: Sendable {
        case copying
        case checking
    }

    private let source: any Database
    private let interruption: CancellationFlag
    private let progress: @Sendable (_ step: Step, _ rows: Int64, _ of: Int64) -> Void

    package init(
        from source: any Database,
        _ interruption: CancellationFlag = CancellationFlag(),
        progress: @escaping @Sendable (_ step: Step, _ rows: Int64, _ of: Int64) -> Void = { _, _, _ in }
    ) {
        self.source = source
        self.interruption = interruption
        self.progress = progress
    }

    /// Copies everything into `target`, which must hold nothing, and compares each row.
    ///
    /// - Throws: ``StoreError``, or the target's own error; its transaction must be rolled back.
    package func run(into target: any Transaction) throws -> CopiedDatabase {
        guard try Self.holdsNothing(target) else { throw TransferError.targetInUse }
        let copied: CopiedDatabase
        do {
            copied = try source.read { db in try copy(db, into: target) }
        } catch let error as TargetError {
            throw error.cause
        }
        try compare(copied, with: target)
        return copied
    }

    /// Checks that the copy is sound in itself: every record follows from the one before, and counts match the records.
    ///
    /// - Throws: ``StoreError/uncopied(path:flaw:)`` with the first flaw, which the source has too.
    package func checkSoundness(of copied: CopiedDatabase, in target: any Transaction) throws {
        var (reader, start) = (RecordReader(), try Chain.pruned(target))
        while start.sequence < copied.head.sequence {
            try interruption.check()
            let last = min(start.sequence + ChainCheck.usualPart, copied.head.sequence)
            if let fault = try reader.firstFault(target, in: start.sequence + 1...last, after: start.head) {
                throw flaw("record \(fault.sequence) doesn't follow from those before it")
            }
            let next: Chain? = try target.first("SELECT sequence, hash FROM records WHERE sequence = ?", [last])
            guard let next else { throw flaw("record \(last) is missing") }
            start = next
        }
        if let found = try RollUpCheck.firstFlaw(target) ?? SpendCheck.firstFlaw(target) { throw flaw(found) }
    }

    private func flaw(_ text: String) -> StoreError { .uncopied(path: source.name, flaw: text) }

    /// Returns true if nothing was ever recorded or kept in a database.
    package static func holdsNothing(_ db: any Transaction) throws -> Bool {
        let holdsRows = try StoredTable.all.contains { table in
            try db.exists("SELECT 1 AS value FROM \(table.name) LIMIT 1")
        }
        return try !holdsRows && Chain.pruned(db).sequence == 0 && !DirectoryState.current(db).isPaused
    }
}

/// The content of a copy, as it was read from the source.
package struct CopiedDatabase: Sendable {
    package struct Table: Sendable, Equatable {
        package let name: String
        package fileprivate(set) var rows: Int64 = 0
        /// SHA-256 over the values of all rows, in the table's order.
        fileprivate(set) var digest: [UInt8] = []
    }

    package let head: ChainHead
    /// The time at which all vending was stopped; nil while it goes on.
    package let paused: Date?
    package fileprivate(set) var tables: [Table] = []

    package func rows(_ table: String) -> Int64 { tables.first { $0.name == table }?.rows ?? 0 }
}

/// The reason why a copy isn't begun.
package enum TransferError: Error, Equatable {
    /// The target holds something already.
    case targetInUse
}

/// An error of the target while the source is read, which must not count as one of the source.
private struct TargetError: Error {
    let cause: any Error

    static func marking<Value>(_ body: () throws -> Value) throws -> Value {
        do { return try body() } catch { throw TargetError(cause: error) }
    }
}

// MARK: Copying

extension DatabaseTransfer {
    private func copy(_ db: any Transaction, into target: any Transaction) throws -> CopiedDatabase {
        let (pruned, head, state) = (try Chain.pruned(db), try Chain.current(db), try DirectoryState.current(db))
        var copied = CopiedDatabase(
            head: ChainHead(sequence: head.sequence, hash: ChainAnchor(sequence: head.sequence, hash: head.head).hash),
            paused: state.paused
        )
        try TargetError.marking { try Self.begin(after: pruned, target) }
        let total = try StoredTable.all.reduce(0) { try $0 + $1.count(db) }
        var done: Int64 = 0
        for table in StoredTable.all {
            let writer = TableWriter(table)
            var count = CopiedDatabase.Table(name: table.name)
            var digest = RowDigest()
            var expected = pruned.sequence
            try read(table, db) { page in
                try interruption.check()
                if table.name == StoredTable.records.name {
                    expected += Int64(page.count)
                    // A gap would show in the target as an insert that a trigger refuses, without a number.
                    guard page.last == [.integer(expected)] else {
                        throw flaw("a record up to number \(expected) is missing")
                    }
                }
                if target.dialect == .postgres, page.values.contains(where: \.holdsNUL) {
                    throw flaw("a text in \(table.name) holds the character NUL, which PostgreSQL can't keep")
                }
                digest.add(page.values)
                count.rows += Int64(page.count)
                try TargetError.marking { try writer.write(page.values, to: target) }
                done += Int64(page.count)
                progress(.copying, done, total)
            }
            count.digest = digest.finish()
            copied.tables.append(count)
            guard !table.setLater.isEmpty else { continue }
            try read(table, db) { page in
                try TargetError.marking { try writer.complete(page.values, in: target) }
            }
        }
        // Last, since new keys have moved the revision.
        let date: SQLArguments = [state.paused]
        try TargetError.marking {
            if state.isPaused { try target.change("UPDATE revision SET paused_at = ?", date) }
            try target.change("UPDATE revision SET value = ?", [state.revision])
        }
        for table in StoredTable.single {
            copied.tables.append(try self.digest(of: table, db))
        }
        return copied
    }

    private func read(_ table: StoredTable, _ db: any Transaction, _ body: (StoredTable.Page) throws -> Void) throws {
        do {
            try table.forEachPage(db, body)
        } catch let error as UnreadableText {
            throw flaw("\(error.column) in \(table.name) isn't UTF-8 text")
        }
    }

    /// Has the target's chain begin after the source's pruned records.
    ///
    /// In PostgreSQL the trigger allows that where nothing is recorded; SQLite's allows it in no case.
    private static func begin(after pruned: Chain, _ db: any Transaction) throws {
        guard pruned.sequence > 0 else { return }
        let update = "UPDATE pruned SET sequence = ?, hash = ?"
        let arguments: SQLArguments = [pruned.sequence, pruned.head]
        guard db.dialect == .sqlite else { return try db.change(update, arguments) }
        let trigger: String? = try db.value(
            "SELECT sql AS value FROM sqlite_master WHERE type = 'trigger' AND name = 'pruned_moves_on'"
        )
        guard let trigger else { throw StoreError.unavailable(cause: "the trigger pruned_moves_on is missing") }
        try db.execute("DROP TRIGGER pruned_moves_on", [])
        try db.change(update, arguments)
        try db.execute(trigger, [])
    }
}

/// Writes the rows of one table.
private struct TableWriter {
    /// The rows of the widest statement with an argument for each value: an eighth of the arguments that SQLite takes, and a
    /// ninth of PostgreSQL's.
    private static let widest = 256

    private let table: StoredTable
    private let carried: [Int]
    private let later: [Int]
    private let insert: RowInsert

    init(_ table: StoredTable) {
        self.table = table
        let isLater = table.columns.map { table.setLater.contains($0.name) }
        carried = table.columns.indices.filter { !isLater[$0] }
        later = table.columns.indices.filter { isLater[$0] }
        insert = RowInsert(
            into: table.name,
            carried.map { (table.columns[$0].name, table.columns[$0].kind) },
            widest: Self.widest
        )
    }

    func write(_ values: [SQLValue], to db: any Transaction) throws {
        guard !later.isEmpty else { return try insert.write(values, to: db, isQueued: false) }
        let width = table.columns.count
        let rows = stride(from: 0, to: values.count, by: width)
        try insert.write(rows.flatMap { start in carried.map { values[start + $0] } }, to: db, isQueued: false)
    }

    /// Sets the columns that depend on other rows.
    func complete(_ values: [SQLValue], in db: any Transaction) throws {
        let (width, key) = (table.columns.count, table.order[0].name)
        let names = later.map { table.columns[$0].name }
        let casts = later.map { table.columns[$0].kind == .integer ? "CAST(? AS bigint)" : "CAST(? AS text)" }
        let row = "(" + (["CAST(? AS text)"] + casts).joined(separator: ", ") + ")"
        let position = table.columns.firstIndex(of: table.order[0]) ?? 0
        let starts = Array(stride(from: 0, to: values.count, by: width))
        for first in stride(from: 0, to: starts.count, by: Self.widest) {
            let part = starts[first..<min(first + Self.widest, starts.count)]
            try db.change(
                """
                WITH given (\((["given_key"] + names).joined(separator: ", "))) AS (
                    VALUES \(part.map { _ in row }.joined(separator: ", "))
                )
                UPDATE \(table.name) SET \(names.map { "\($0) = given.\($0)" }.joined(separator: ", "))
                FROM given WHERE \(table.name).\(key) = given.given_key
                """,
                SQLArguments(values: part.flatMap { start in ([position] + later).map { values[start + $0] } }),
                rows: part.count
            )
        }
    }
}

// MARK: Comparing

extension DatabaseTransfer {
    /// Reads the target's rows again, and compares them with those that were read from the source.
    private func compare(_ copied: CopiedDatabase, with target: any Transaction) throws {
        let head = try Chain.current(target)
        guard head.sequence == copied.head.sequence,
            ChainAnchor(sequence: head.sequence, hash: head.head).hash == copied.head.hash
        else { throw flaw("the copy's last record is another one") }
        let total = copied.tables.reduce(0) { $0 + $1.rows }
        var done: Int64 = 0
        for table in StoredTable.all + StoredTable.single {
            let found = try digest(of: table, target) { count in
                done += count
                progress(.checking, done, total)
            }
            guard copied.tables.contains(found) else { throw flaw("the copy's \(table.name) differ") }
        }
    }

    private func digest(
        of table: StoredTable,
        _ db: any Transaction,
        _ report: (Int64) -> Void = { _ in }
    ) throws -> CopiedDatabase.Table {
        var (count, digest) = (CopiedDatabase.Table(name: table.name), RowDigest())
        try read(table, db) { page in
            try interruption.check()
            digest.add(page.values)
            count.rows += Int64(page.count)
            report(Int64(page.count))
        }
        count.digest = digest.finish()
        return count
    }
}

/// SHA-256 over values, each with its type and length.
private struct RowDigest {
    private var hash = SHA256()
    private var bytes: [UInt8] = []

    mutating func add(_ values: [SQLValue]) {
        bytes.removeAll(keepingCapacity: true)
        for value in values {
            switch value {
            case .null: bytes.append(0)
            case .integer(let number): append(1, number)
            case .text(let text):
                append(2, Int64(text.utf8.count))
                bytes.append(contentsOf: text.utf8)
            case .blob(let blob):
                append(3, Int64(blob.count))
                bytes.append(contentsOf: blob)
            }
        }
        hash.update(data: bytes)
    }

    private mutating func append(_ type: UInt8, _ number: Int64) {
        bytes.append(type)
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }

    func finish() -> [UInt8] { Array(hash.finalize()) }
}

extension SQLValue {
    fileprivate var holdsNUL: Bool {
        if case .text(let text) = self { text.utf8.contains(0) } else { false }
    }
}
