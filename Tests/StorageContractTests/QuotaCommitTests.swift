import BursarFoundation
import BursarModel
import StorageTestSupport
import Testing
import Vending

@testable import Storage

/// The quota, where it is decided: in the commit.
@Suite struct QuotaCommitTests {
    private let place = TemporaryStore()
    private let store: Store
    private let id: KeyID

    init() async throws {
        store = try await place.made()
        try store.addAda()
        id = try store.issueKey(life: 10 * 86_400)
    }

    private func recorder(_ store: Store, after seconds: TimeInterval = 0) -> Recorder {
        Recorder(database: store.database, now: { TemporaryStore.now.addingTimeInterval(seconds) })
    }

    /// How many of `tries` vends at once are recorded, by the recorders in turn.
    private func recorded(_ recorders: [Recorder], _ tries: Int, limit: Int) async throws -> Int {
        let vend = try await store.vend(id, dailyLimit: limit)
        return await withTaskGroup(of: Bool.self) { group in
            for number in 0..<tries {
                group.addTask {
                    do throws(AuditLogError) {
                        try await recorders[number % recorders.count].record(vend)
                        return true
                    } catch {
                        if case .quotaExhausted(let use) = error { #expect(use.count == limit) }
                        return false
                    }
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
    }

    private func vends() throws -> [String] {
        try store.rows("SELECT count(*) FROM records WHERE kind = 'vend'")
    }

    @Test func `of very many at once the quota's number is recorded`() async throws {
        #expect(try await recorded([recorder(store)], 300, limit: 10) == 10)
        #expect(try vends() == ["10"])
    }

    @Test func `servers on one database share the quota`() async throws {
        let other = try await place.opened()
        #expect(try await recorded([recorder(store), recorder(other)], 60, limit: 25) == 25)
        #expect(try vends() == ["25"])
        #expect(try store.rows("SELECT count FROM usage_daily") == ["25"])
    }

    @Test func `a restart gives no new quota`() async throws {
        #expect(try await recorded([recorder(store)], 7, limit: 10) == 7)
        let again = try await place.opened()
        #expect(try await recorded([recorder(again)], 20, limit: 10) == 3)
        #expect(try await recorder(again).use(of: id, on: UTCDay(containing: TemporaryStore.now)).count == 10)
    }

    @Test func `the day is the commit's, in UTC, also when the clock is set back`() async throws {
        let midnight: TimeInterval = 75_355
        #expect(try await recorded([recorder(store, after: midnight - 0.001)], 20, limit: 10) == 10)
        #expect(try await recorded([recorder(store, after: midnight)], 20, limit: 10) == 10)
        #expect(try await recorded([recorder(store, after: midnight - 0.001)], 20, limit: 10) == 0)
        #expect(try await recorded([recorder(store, after: midnight - 1)], 20, limit: 12) == 2)
    }

    @Test func `another key's vends in the same commit cost nothing`() async throws {
        let other = try store.issueKey()
        let vends = [try await store.vend(id, dailyLimit: 3), try await store.vend(other, dailyLimit: 4)]
        let batch = (0..<20).map { vends[$0 % 2] }
        let outcomes = try store.database.write { db in
            try VendBatch(batch, at: TemporaryStore.now).write(to: db).outcomes
        }
        let counts = outcomes.map { try? $0.get().count }
        #expect(counts.prefix(8) == [1, 1, 2, 2, 3, 3, nil, 4])
        #expect(counts.dropFirst(8).allSatisfy { $0 == nil })
    }

    @Test func `a limit of nothing is nothing`() async throws {
        #expect(try await recorded([recorder(store)], 5, limit: 0) == 0)
        #expect(try store.rows("SELECT * FROM usage_daily").isEmpty)
    }
}
