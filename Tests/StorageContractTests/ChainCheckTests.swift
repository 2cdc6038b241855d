import StorageTestSupport
import Synchronization
import Testing

@testable import Storage

/// The chain read in parts, as `admin audit verify` reads it.
@Suite struct ChainCheckTests {
    private let place = TemporaryStore()

    /// A chain of seven records.
    private func made() async throws -> Store {
        let store = try await place.made()
        try store.addAda()
        for _ in 0..<6 { _ = try store.issueKey() }
        return store
    }

    private func edit(_ store: Store, _ sql: String) throws {
        try store.edit(sql)
    }

    private func prune(_ store: Store, upTo sequence: Int64) throws {
        try store.database.write { db in
            try TemporaryStore.act.record(
                .recordsPruned,
                detail: "before 2026-01-01, up to record \(sequence)",
                in: db
            )
            try db.execute(
                "UPDATE pruned SET sequence = ?, hash = (SELECT hash FROM records WHERE sequence = ?)",
                [sequence, sequence]
            )
            try db.execute("DELETE FROM records WHERE sequence < ?", [sequence])
        }
    }

    @Test(arguments: [1, 2, 3, 7, 100])
    func `an intact chain holds, however it is cut`(_ part: Int64) async throws {
        let chain = try await made().audit.checkChain(part: part)
        #expect(chain.fault == nil)
        #expect((chain.pruned, chain.last, chain.count) == (0, 7, 7))
    }

    @Test func `an empty chain holds`() async throws {
        let chain = try await place.made().audit.checkChain()
        #expect(chain.fault == nil)
        #expect(chain.head == String(repeating: "0", count: 64))
    }

    @Test(arguments: [1, 2, 3, 100])
    func `the first of several bad records is named, however the chain is cut`(_ part: Int64) async throws {
        let store = try await made()
        try edit(store, "UPDATE records SET researcher = 'eve' WHERE sequence IN (3, 4, 6)")
        #expect(try store.audit.checkChain(part: part).fault == ChainError(sequence: 3, kind: .altered))
    }

    @Test(arguments: [
        ("DELETE FROM records WHERE sequence = 3", ChainError.Kind.missing),
        ("UPDATE records SET hash = (SELECT hash FROM records WHERE sequence = 2) WHERE sequence = 3", .altered),
        ("UPDATE records SET actor = NULL WHERE sequence = 3", .altered),
        ("UPDATE records SET kind = 'key_issued2' WHERE sequence = 3", .altered),
        ("UPDATE records SET format = 1 WHERE sequence = 3", .unhashed),
        ("UPDATE records SET format = 3 WHERE sequence = 3", .unreadable),
    ])
    func `the fault of a record has a kind`(_ sql: String, _ kind: ChainError.Kind) async throws {
        let store = try await made()
        try edit(store, sql)
        for part in [1, 2, 100] as [Int64] {
            #expect(try store.audit.checkChain(part: part).fault == ChainError(sequence: 3, kind: kind), "\(part)")
        }
    }

    @Test func `a record of the old format can't be given what its hash doesn't cover`() async throws {
        let store = try await made()
        try store.database.write { db in
            var chain = try Chain.current(db)
            try chain.append(
                RecordEntry(format: .plain, kind: .vend, occurred: 1, researcher: "ada"),
                to: db
            )
        }
        #expect(try store.audit.checkChain().fault == nil)
        try edit(store, "UPDATE records SET detail = 'added later' WHERE sequence = 8")
        #expect(try store.audit.checkChain().fault == ChainError(sequence: 8, kind: .unhashed))
    }

    @Test(arguments: [1, 2, 100])
    func `a pruned chain is checked from there on, with what a stopped pruning left behind`(_ part: Int64) async throws
    {
        let store = try await made()
        try prune(store, upTo: 4)
        let chain = try store.audit.checkChain(part: part)
        #expect(chain.fault == nil)
        #expect((chain.pruned, chain.last, chain.count) == (4, 8, 4))
        try edit(store, "UPDATE records SET researcher = 'eve' WHERE sequence = 5")
        #expect(try store.audit.checkChain(part: part).fault == ChainError(sequence: 5, kind: .altered))
    }

    @Test func `records that are pruned while the chain is read are no fault`() async throws {
        let store = try await made()
        let other = try await place.opened()
        let isPruned = Mutex(false)
        let chain = try store.audit.checkChain(part: 1) { _, _ in
            // The other readers wait here too; each has read one record at most, and none of them the sixth.
            isPruned.withLock { isPruned in
                guard !isPruned else { return }
                isPruned = true
                #expect(throws: Never.self) { try prune(other, upTo: 6) }
            }
        }
        #expect(chain.fault == nil)
        #expect((chain.pruned, chain.last, chain.count) == (6, 8, 2))
    }

    /// The remaining records report as many pruned ones, fewer, or none; a removed report proves nothing.
    @Test(arguments: [(nil, false), (3, false), (4, true), (6, true)] as [(Int64?, Bool)])
    func `a beginning that is gone is a fault unless a pruning on record covers it`(_ said: Int64?, _ isPruned: Bool)
        async throws
    {
        let store = try await made()
        if let said {
            try store.database.write { db in
                try TemporaryStore.act.record(
                    .recordsPruned,
                    detail: "before 2026-01-01, up to record \(said)",
                    in: db
                )
            }
        }
        try edit(
            store,
            """
            UPDATE pruned SET sequence = 4, hash = (SELECT hash FROM records WHERE sequence = 4);
            DELETE FROM records WHERE sequence <= 4
            """
        )
        #expect(try store.audit.checkChain().fault == (isPruned ? nil : ChainError(sequence: 4, kind: .removed)))
        #expect(try store.upkeep.firstFlaw(.chain)?.contains("records up to 4 are gone") == (isPruned ? nil : true))
    }

    @Test func `all records gone is a fault too`() async throws {
        let store = try await made()
        try edit(
            store,
            """
            UPDATE pruned SET sequence = 7, hash = (SELECT hash FROM records WHERE sequence = 7);
            DELETE FROM records
            """
        )
        #expect(try store.audit.checkChain().fault == ChainError(sequence: 7, kind: .removed))
    }

    @Test func `progress is reported up to the end`() async throws {
        let store = try await made()
        let seen = SeenProgress()
        _ = try store.audit.checkChain(part: 2) { seen.add($0, $1) }
        #expect(seen.highest == 7)
        #expect(seen.totals == [7])
    }
}

/// The progress reported by a check, from any thread.
private final class SeenProgress: Sendable {
    private let state = Mutex<(highest: Int64, totals: Set<Int64>)>((0, []))

    var highest: Int64 { state.withLock { $0.highest } }
    var totals: Set<Int64> { state.withLock { $0.totals } }

    func add(_ count: Int64, _ total: Int64) {
        state.withLock { state in
            state.highest = max(state.highest, count)
            state.totals.insert(total)
        }
    }
}
