import BursarFoundation
import BursarModel
import StorageTestSupport
import Testing
import Vending

@testable import Storage

@Suite struct PauseTests {
    private let place = TemporaryStore()
    private let store: Store
    private let recorder: Recorder

    init() async throws {
        store = try await place.made()
        try store.addAda()
        recorder = Recorder(database: store.database, now: { TemporaryStore.now })
    }

    private func isPaused(_ vend: Vend) async throws -> Bool {
        do throws(AuditLogError) {
            try await recorder.record(vend)
            return false
        } catch {
            guard case .paused = error else { throw error }
            return true
        }
    }

    @Test func `a pause by another process stops the next commit, and a resumption lets it go on`() async throws {
        let id = try store.issueKey()
        let vend = try await store.vend(id)
        let admin = try await place.opened()
        #expect(try await !isPaused(vend))
        #expect(try admin.administration.pause(by: AuditContext(actor: "root@desk", date: TemporaryStore.now)))
        #expect(try await isPaused(vend))
        #expect(try admin.administration.resume(by: AuditContext(actor: "root@desk", date: TemporaryStore.now)))
        #expect(try await !isPaused(vend))
        #expect(try store.rows("SELECT count(*) FROM records WHERE kind = 'vend'") == ["2"])
    }

    @Test func `who paused and resumed, and when, is on record once each`() throws {
        let later = TemporaryStore.now.addingTimeInterval(60)
        #expect(try store.lists.pausedSince() == nil)
        #expect(try !store.administration.resume(by: AuditContext(actor: "nobody", date: TemporaryStore.now)))
        #expect(try store.administration.pause(by: AuditContext(actor: "root@desk", date: TemporaryStore.now)))
        #expect(try !store.administration.pause(by: AuditContext(actor: "other@desk", date: later)))
        #expect(try store.lists.pausedSince() == TemporaryStore.now)
        #expect(try store.administration.resume(by: AuditContext(actor: "ada@desk", date: later)))
        #expect(try !store.administration.resume(by: AuditContext(actor: "other@desk", date: later)))
        #expect(try store.lists.pausedSince() == nil)
        let records = try store.rows(
            "SELECT kind || ' ' || actor || ' ' || occurred_at FROM records WHERE kind LIKE 'vending%' ORDER BY sequence"
        )
        #expect(
            records == [
                "\"vending_paused root@desk 1767323045000\"", "\"vending_resumed ada@desk 1767323105000\"",
            ]
        )
        #expect(try store.audit.firstBrokenRecord() == nil)
    }

    @Test func `a running server sees it at its next look`() async throws {
        let before = try await store.directory.changes(since: 0)
        #expect(!before.isPaused)
        _ = try store.administration.pause(by: AuditContext(actor: "root@desk", date: TemporaryStore.now))
        let after = try await store.directory.changes(since: before.revision)
        #expect(after.isPaused)
        #expect(after.revision > before.revision)
        #expect(after.keys.isEmpty)
        #expect(try await store.directory.changes(since: after.revision).isPaused)
    }

    @Test func `a pause outlives a restart`() async throws {
        _ = try store.administration.pause(by: AuditContext(actor: "root@desk", date: TemporaryStore.now))
        let again = try await place.opened()
        #expect(try again.lists.pausedSince() == TemporaryStore.now)
        #expect(try await again.directory.changes(since: 0).isPaused)
    }
}
