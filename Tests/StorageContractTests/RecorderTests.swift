import BursarFoundation
import BursarModel
import Dispatch
import StorageTestSupport
import TestSupport
import Testing
import Vending

@testable import Storage

@Suite struct RecorderTests {
    private let place = TemporaryStore()
    private let store: Store
    private let recorder: Recorder

    init() async throws {
        store = try await place.made()
        try store.addAda()
        recorder = Recorder(database: store.database, now: { TemporaryStore.now })
    }

    private func outcome(_ vend: Vend) async -> AuditLogError? {
        do throws(AuditLogError) {
            try await recorder.record(vend)
            return nil
        } catch {
            return error
        }
    }

    private func vends() throws -> Int {
        try store.database.read { db in try db.value("SELECT count(*) AS value FROM records WHERE kind = 'vend'") ?? -1
        }
    }

    private var today: UTCDay { UTCDay(containing: TemporaryStore.now) }

    @Test func `a vend is on record and counted`() async throws {
        let id = try store.issueKey()
        try await recorder.record(try await store.vend(id))
        let columns = "researcher || ' ' || key_id || ' ' || address || ' ' || access_key_id"
        let sql = "SELECT \(columns) FROM records WHERE kind = 'vend'"
        let record = try store.rows(sql)
        #expect(record == ["\"ada \(id) 192.0.2.1 ASIAEXAMPLE1\""])
        let usage = try #require(try store.usageByResearcher(in: today...today).first)
        #expect(usage.tally.vends == 1)
        #expect(usage.keys == 1)
        #expect(usage.tally.lastVend == TemporaryStore.now)
    }

    @Test func `vends at the same time share commits, and each is on record once`() async throws {
        let id = try store.issueKey()
        let vend = try await store.vend(id)
        try await withThrowingTaskGroup { group in
            for _ in 0..<500 {
                group.addTask { try await recorder.record(vend) }
            }
            try await group.waitForAll()
        }
        #expect(try vends() == 500)
        #expect(recorder.progress.vends == 500)
        #expect(recorder.progress.commits < 500)
        #expect(try store.audit.firstBrokenRecord() == nil)
        #expect(try store.usageByResearcher(in: today...today).first?.tally.vends == 500)
    }

    @Test func `a commit that waits for another writer takes along what comes meanwhile`() async throws {
        let vend = try await store.vend(try store.issueKey())
        let other = try await place.opened()
        let (holds, isReleased) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        async let writer: Void = blocking {
            try other.database.write { db in
                // Holds the lock on either engine.
                _ = try Chain.current(db)
                holds.signal()
                isReleased.wait()
            }
        }
        try await blocking { holds.wait() }
        try await withThrowingTaskGroup { group in
            group.addTask { try await recorder.record(vend) }
            while recorder.underWay.committing < 1 { await Task.yield() }
            for _ in 0..<30 { group.addTask { try await recorder.record(vend) } }
            while recorder.underWay.waiting < 30 { await Task.yield() }
            isReleased.signal()
            try await group.waitForAll()
        }
        try await writer
        #expect(recorder.progress.commits == 1)
        #expect(try vends() == 31)
        #expect(try store.audit.firstBrokenRecord() == nil)
        #expect(try store.usageByResearcher(in: today...today).first?.tally.vends == 31)
    }

    @Test func `a vend decided before its key was revoked is refused at the commit`() async throws {
        let id = try store.issueKey()
        let vend = try await store.vend(id)
        _ = try await place.opened().administration.revokeKey(id, reason: "lost", by: TemporaryStore.act)
        guard case .keyChanged? = await outcome(vend) else {
            Issue.record("the vend was not refused")
            return
        }
        #expect(try vends() == 0)
    }

    @Test func `a vend whose key has ended by the time of its commit is refused`() async throws {
        let id = try store.issueKey()
        let late = Recorder(database: store.database, now: { TemporaryStore.now.addingTimeInterval(86_400) })
        await #expect(throws: AuditLogError.self) { try await late.record(try await store.vend(id)) }
        #expect(try vends() == 0)
    }

    @Test func `a row that can't be counted refuses its own key only`() async throws {
        let odd = try store.issueKey()
        let good = try store.issueKey()
        let fill = "INSERT INTO usage_networks VALUES (\(today.number), '\(odd)', '192.0.2.0/24', 9007199254740992, 0)"
        try store.change(fill)
        let vends = [try await store.vend(odd), try await store.vend(good)]
        let outcomes = await withTaskGroup(of: (KeyID, Bool).self) { group in
            for vend in vends + vends + vends {
                group.addTask { (vend.key.id, await outcome(vend) == nil) }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.allSatisfy { $0.1 == ($0.0 == good) })
        #expect(await outcome(try await store.vend(good)) == nil)
        #expect(try store.audit.firstBrokenRecord() == nil)
    }

    @Test func `another key's change refuses nobody`() async throws {
        let id = try store.issueKey()
        let vend = try await store.vend(id)
        _ = try store.administration.revokeKey(try store.issueKey(), reason: "lost", by: TemporaryStore.act)
        #expect(await outcome(vend) == nil)
        #expect(try vends() == 1)
    }
}
