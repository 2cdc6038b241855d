import BursarFoundation
import BursarModel
import StorageTestSupport
import Testing
import Vending

@testable import Storage

/// `admin` and the server at one file.
@Suite struct SharedDatabaseTests {
    private let place = TemporaryStore()
    private let server: Store
    private let admin: Store

    init() async throws {
        server = try await place.made()
        admin = try await place.opened()
        try admin.addAda()
    }

    /// Repeats `change` while another process writes for longer than `admin` waits, as an operator would.
    private static func again<Value>(_ change: () throws -> Value) throws -> Value {
        for _ in 0..<20 {
            do { return try change() } catch StoreError.locked { continue }
        }
        return try change()
    }

    @Test func `both append at once, and the chain verifies`() async throws {
        let vend = try await server.vend(try server.issueKey())
        let recorder = Recorder(database: server.database, now: { TemporaryStore.now })
        let tally = RefusalTally()
        let operating = Task.detached { [admin] in
            for _ in 0..<40 {
                let id = try Self.again { try admin.issueKey() }
                _ = try Self.again { try admin.administration.revokeKey(id, reason: "test", by: TemporaryStore.act) }
            }
        }
        let refusing = Task.detached { [server] in
            for number in 0..<20 {
                let subject = VendError.Subject.proven(vend.key.id, vend.key.researcher)
                let address = IPAddress("192.0.2.\(number)")
                tally.note(VendError(.rateLimited, subject), from: address, requestID: "", at: TemporaryStore.now)
                guard let batch = tally.take() else { continue }
                try Self.again { try server.ledger.record(batch) }
            }
        }
        var vended = 0
        for _ in 0..<20 {
            vended += await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<10 { group.addTask { (try? await recorder.record(vend)) != nil } }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
        }
        try await operating.value
        try await refusing.value
        #expect(vended > 0)
        let kinds = try admin.rows("SELECT kind || ' ' || count(*) FROM records GROUP BY kind ORDER BY kind")
        #expect(
            kinds == [
                "\"key_issued 41\"", "\"key_revoked 40\"", "\"refusal 20\"", "\"researcher_added 1\"",
                "\"vend \(vended)\"",
            ]
        )
        #expect(try admin.audit.firstBrokenRecord() == nil)
        #expect(try server.audit.firstBrokenRecord() == nil)
        #expect(try server.upkeep.firstFlaw(.pages) == nil)
    }

    @Test func `another connection's vend is the next link`() async throws {
        let vend = try await server.vend(try server.issueKey())
        let other = Recorder(database: admin.database, now: { TemporaryStore.now })
        let recorder = Recorder(database: server.database, now: { TemporaryStore.now })
        for number in 1...6 {
            #expect(try await (number.isMultiple(of: 2) ? other : recorder).record(vend).count == number)
        }
        #expect(try server.audit.firstBrokenRecord() == nil)
        #expect(try server.audit.chainHead() == admin.audit.chainHead())
    }
}
