import BursarFoundation
import BursarModel
import PostgresStore
import SQLiteStore
import StorageTestSupport
import SystemPackage
import TestSupport
import Testing
import Vending

@testable import Storage

/// A copy is whole and proven, or isn't there.
@Suite struct TransferTests {
    private static let pairs = TestEngine.allCases.flatMap { one in TestEngine.allCases.map { (one, $0) } }

    /// A database with a little of everything, of which the first records were pruned.
    private func filled(_ place: TemporaryStore) async throws -> Store {
        let store = try await place.made()
        let history = RandomHistory([store], seed: 7)
        for _ in 0..<300 { try await history.step() }
        let act = AuditContext(actor: "root@desk", date: history.date)
        let before = history.date - 3600
        if let plan = try store.upkeep.prunePlan(before: before) {
            try store.upkeep.recordPruning(plan, before: "then", by: act)
            while try store.upkeep.pruneStep(upTo: plan.last, before: before, count: 1000) > 0 {}
        }
        _ = try store.administration.pause(by: act)
        return store
    }

    @Test(arguments: pairs)
    func `a pruned chain, a pause and all sums arrive on any engine`(_ from: TestEngine, _ to: TestEngine) async throws
    {
        let (place, target) = (TemporaryStore(from), TemporaryStore(to))
        let store = try await filled(place)
        let (copy, copied) = try await target.copied(from: store)
        #expect(try RandomHistory.haveSameRows(copy, store))
        #expect(copied.paused != nil)
        #expect(try copy.upkeep.facts(at: TemporaryStore.now).pruned > 0)
        // The triggers are back, and the schema is Bursar's.
        #expect(try copy.upkeep.firstFlaw(.schema) == nil)
        #expect(throws: (any Error).self) { try copy.change("UPDATE pruned SET sequence = sequence + 1") }
        #expect(throws: (any Error).self) { try copy.change("UPDATE records SET actor = 'eve'") }
        #expect(throws: (any Error).self) {
            try copy.change("UPDATE keys SET revoked_at = NULL WHERE revoked_at IS NOT NULL")
        }
        _ = try copy.administration.resume(by: TemporaryStore.act)
        #expect(try copy.audit.checkChain().fault == nil, "the chain goes on")
    }

    @Test func `an empty database is copied too`() async throws {
        for (from, to) in Self.pairs {
            let (place, target) = (TemporaryStore(from), TemporaryStore(to))
            let (copy, copied) = try await target.copied(from: try await place.made())
            #expect(copied.head.sequence == 0)
            try copy.addAda()
        }
    }

    @Test func `a target with data is refused, and stays as it was`() async throws {
        let (place, target) = (TemporaryStore(.sqlite), TemporaryStore(.postgres))
        let (source, store) = (try await place.made(), try await target.made())
        try source.addAda()
        try store.addAda("bob")
        let transfer = DatabaseTransfer(from: source.database)
        #expect(throws: TransferError.targetInUse) {
            try store.database.write { db in try transfer.run(into: db) }
        }
        #expect(try store.lists.researchers().map(\.handle.description) == ["bob"])
        #expect(throws: StoreError.exists(path: place.path)) {
            try SQLiteDatabase.make(at: FilePath(place.path), CancellationFlag()) { db in
                try DatabaseTransfer(from: store.database).run(into: db)
            }
        }
    }

    private func holdsNothing(_ store: Store) throws -> Bool {
        try store.database.read { db in try DatabaseTransfer.holdsNothing(db) }
    }

    @Test(arguments: TestEngine.allCases)
    func `one that is stopped leaves nothing`(_ engine: TestEngine) async throws {
        let (place, target) = (TemporaryStore(.sqlite), TemporaryStore(engine))
        let source = try await filled(place)
        let interruption = CancellationFlag()
        let transfer = DatabaseTransfer(from: source.database, interruption) { step, _, _ in
            if step == .checking { interruption.request() }
        }
        switch engine {
        case .sqlite:
            #expect(throws: StoreError.interrupted) {
                try SQLiteDatabase.make(at: FilePath(target.path), interruption) { db in try transfer.run(into: db) }
            }
            let folder = FilePath(target.path).removingLastComponent().string
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
        case .postgres:
            let store = try await target.made()
            #expect(throws: StoreError.interrupted) { try store.database.write { db in try transfer.run(into: db) } }
            #expect(try holdsNothing(store))
        }
    }

    @Test(arguments: pairs)
    func `a copy is refused where the source is unsound`(_ from: TestEngine, _ to: TestEngine) async throws {
        let edits = [
            ("UPDATE records SET actor = 'eve' WHERE sequence = 2", "record 2 doesn't follow"),
            ("DELETE FROM records WHERE sequence = 2", "a record up to number"),
            ("UPDATE usage_totals SET count = count + 1", "usage_totals counts"),
        ]
        for (edit, words) in edits {
            let (place, target) = (TemporaryStore(from), TemporaryStore(to))
            let store = try await place.made()
            let history = RandomHistory([store], seed: 8)
            for _ in 0..<60 { try await history.step() }
            try store.edit(edit)
            do {
                _ = try await target.copied(from: store)
                Issue.record("copied in spite of: \(edit)")
            } catch StoreError.uncopied(let path, let flaw) {
                #expect(path == store.database.name)
                #expect(flaw.contains(words), "\(flaw)")
            }
        }
    }

    @Test func `a text that PostgreSQL can't keep is named, not cut`() async throws {
        let (place, target) = (TemporaryStore(.sqlite), TemporaryStore(.postgres))
        let store = try await place.made()
        try store.addAda()
        try store.change("UPDATE researchers SET note = ?", ["a\0b"])
        await #expect(throws: StoreError.self) { _ = try await target.copied(from: store) }
        let file = TemporaryStore(.sqlite)
        let (copy, _) = try await file.copied(from: store)
        #expect(try RandomHistory.haveSameRows(copy, store))
    }

    @Test(arguments: TestEngine.allCases)
    func `a value that the target keeps as another one is noticed`(_ engine: TestEngine) async throws {
        let (place, target) = (TemporaryStore(.sqlite), TemporaryStore(engine))
        let source = try await place.made()
        try source.addAda()
        _ = try source.issueKey(label: "laptop")
        let store = try await target.made()
        #expect(throws: StoreError.uncopied(path: place.path, flaw: "the copy's keys differ")) {
            try store.database.write { db in
                try DatabaseTransfer(from: source.database).run(into: ForgetfulTransaction(db))
            }
        }
        #expect(try store.lists.keys().isEmpty)
    }
}

/// A transaction that keeps another label than the one that it is given.
private final class ForgetfulTransaction: Transaction {
    private let db: any Transaction

    init(_ db: any Transaction) { self.db = db }

    var dialect: Dialect { db.dialect }

    var sharedDate: Date? { get throws { try db.sharedDate } }

    func execute(_ sql: String, _ arguments: SQLArguments) throws -> Int {
        try db.execute(sql, Self.altered(arguments))
    }

    func queue(_ sql: String, _ arguments: SQLArguments, rows: Int) throws {
        try db.queue(sql, Self.altered(arguments), rows: rows)
    }

    private static func altered(_ arguments: SQLArguments) -> SQLArguments {
        SQLArguments(values: arguments.values.map { $0 == .text("laptop") ? .text("lapdog") : $0 })
    }

    func forEach(_ sql: String, _ arguments: SQLArguments, _ body: (ResultRow) throws -> Void) throws {
        try db.forEach(sql, arguments, body)
    }

    func forEachRaw(_ sql: String, _ arguments: SQLArguments, _ body: (any RawRow) throws -> Void) throws {
        try db.forEachRaw(sql, arguments, body)
    }

    func checkSchema() throws { try db.checkSchema() }

    func condition(_ column: String, liesIn block: CIDRBlock) throws -> (sql: String, arguments: SQLArguments) {
        try db.condition(column, liesIn: block)
    }
}
