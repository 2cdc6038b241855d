import BursarFoundation
import BursarModel
import StorageTestSupport
import Testing
import Vending

@testable import Storage

@Suite struct RefusalRecordTests {
    private let place = TemporaryStore()
    private let store: Store
    private let tally = RefusalTally()
    private let key: KeyID
    private let ada: Handle

    init() async throws {
        store = try await place.made()
        try store.addAda()
        key = try store.issueKey()
        ada = try #require(Handle("ada"))
    }

    private func note(_ code: ErrorCode, _ subject: VendError.Subject, after seconds: TimeInterval = 0) {
        let date = TemporaryStore.now.addingTimeInterval(seconds)
        tally.note(VendError(code, subject), from: IPAddress("192.0.2.1"), requestID: "r\(Int(seconds))", at: date)
    }

    private func write() throws {
        try store.ledger.record(try #require(tally.take()))
    }

    private func counts() throws -> [String] {
        try store.rows("SELECT day, key_id, outcome, count, last_at FROM usage_daily ORDER BY 1, 2, 3")
    }

    @Test func `the first is a record in the chain, with its reason, and all are counted`() throws {
        for second in 0..<5 { note(.quotaExhausted, .proven(key, ada), after: Double(second)) }
        try write()
        let columns = "kind, occurred_at, researcher, key_id, address, access_key_id, expires_at, request_id, reason"
        let record = try store.rows("SELECT \(columns) FROM records ORDER BY sequence DESC LIMIT 1")
        #expect(
            record == [
                "\"refusal\" 1767323045000 \"ada\" \"\(key)\" \"192.0.2.1\" NULL NULL \"r0\" \"quota_exhausted\""
            ]
        )
        #expect(try counts() == ["20455 \"\(key)\" \"quota_exhausted\" 5 1767323049000"])
        #expect(try store.audit.firstBrokenRecord() == nil)
        note(.quotaExhausted, .proven(key, ada), after: 6)
        try write()
        #expect(try counts() == ["20455 \"\(key)\" \"quota_exhausted\" 6 1767323051000"])
        #expect(try store.rows("SELECT count(*) FROM records WHERE kind = 'refusal'") == ["1"])
    }

    @Test func `wrong secrets and unknown ids leave counts only`() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<7 { note(.keyInvalid, .unproven(key)) }
        for _ in 0..<9 { note(.keyInvalid, .unknown(KeyID(using: &random))) }
        try write()
        #expect(
            try counts() == [
                "20455 \"\" \"key_invalid\" 9 1767323045000", "20455 \"\(key)\" \"key_invalid\" 7 1767323045000",
            ]
        )
        #expect(try store.rows("SELECT count(*) FROM records WHERE kind = 'refusal'") == ["0"])
    }

    @Test func `refusals cost a key none of its quota`() async throws {
        for _ in 0..<50 { note(.rateLimited, .proven(key, ada)) }
        try write()
        let recorder = Recorder(database: store.database, now: { TemporaryStore.now })
        #expect(try await recorder.record(try await store.vend(key, dailyLimit: 1)).count == 1)
        let lines = try store.usageByResearcher(in: UTCDay(number: 20_455)...UTCDay(number: 20_455))
        #expect(lines.first?.tally.vends == 1)
    }

    @Test func `each is counted on its own day`() throws {
        note(.keyInvalid, .unproven(key))
        note(.keyInvalid, .unproven(key), after: 86_400)
        try write()
        #expect(try counts().map { $0.prefix(5) } == ["20455", "20456"])
    }

    @Test func `more than one transaction's worth is written whole`() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<600 { note(.rateLimited, .proven(KeyID(using: &random), ada)) }
        try write()
        #expect(try store.rows("SELECT count(*) FROM records WHERE kind = 'refusal'") == ["600"])
        #expect(try store.rows("SELECT count(*), sum(count) FROM usage_daily") == ["600 600"])
        #expect(try store.audit.firstBrokenRecord() == nil)
    }

    @Test func `counts that fail to be written are not counted twice when they are written again`() throws {
        var random = SystemRandomNumberGenerator()
        let ids = (0..<1000).map { _ in KeyID(using: &random) }
        for id in ids { note(.keyInvalid, .unproven(id)) }
        let odd = try #require(ids.first)
        let most = "INSERT INTO usage_daily VALUES (20455, '\(odd)', 'key_invalid', 9007199254740992, 0)"
        try store.change(most)
        let batch = try #require(tally.take())
        #expect(throws: StoreError.self) { try store.ledger.record(batch) }
        tally.restore(batch)
        try store.edit("DELETE FROM usage_daily WHERE key_id = '\(odd)'")
        try write()
        #expect(try store.rows("SELECT count(*), sum(count) FROM usage_daily") == ["1000 1000"])
    }
}
