import BursarFoundation
import BursarModel
import StorageTestSupport
import Testing
import Vending

@testable import Storage

@Suite struct TermsTests {
    private let place = TemporaryStore()
    private let store: Store

    init() async throws {
        store = try await place.made()
        try store.addAda()
    }

    private static func full() throws -> KeyRestrictions {
        KeyRestrictions(
            allowed: try AddressList(parsing: "192.0.2.0/24,2001:db8::/32"),
            models: ModelList("anthropic.claude-*,meta.llama3-8b-instruct-v1:0"),
            dailyLimit: 250,
            rate: RequestRate(perSecond: 3),
            sessionDuration: SessionDuration("2h")
        )
    }

    private func terms(_ id: KeyID) async throws -> KeyRestrictions? {
        try await store.directory.key(id)?.record.terms
    }

    @Test func `a key's terms are read as they were stored`() async throws {
        let terms = try Self.full()
        #expect(try await self.terms(try store.issueKey(terms: terms)) == terms)
        #expect(try await self.terms(try store.issueKey()) == KeyRestrictions())
    }

    @Test func `a list with host bits is stored as what it means`() async throws {
        let terms = KeyRestrictions(allowed: try AddressList(parsing: "10.0.0.1/8"))
        let id = try store.issueKey(terms: terms)
        #expect(try await self.terms(id)?.allowed?.description == "10.0.0.0/8")
    }

    @Test func `the longest lists there can be are stored whole`() async throws {
        let blocks = (0..<AddressList.longest).map { "2001:db8:\(String($0, radix: 16)):ffff:ffff:ffff:ffff:ffff/128" }
        let models = (0..<ModelList.longest).compactMap { ModelPattern(String(repeating: "m", count: 100) + "\($0)*") }
        let terms = KeyRestrictions(allowed: try AddressList(entries: blocks), models: ModelList(models), dailyLimit: 0)
        #expect(try await self.terms(try store.issueKey(terms: terms)) == terms)
    }

    @Test(arguments: [
        "daily_limit = -1", "daily_limit = 1000000001", "rate = 0", "session_seconds = 60", "daily_limit = 'many'",
    ])
    func `the schema refuses terms that make no sense`(_ change: String) throws {
        let id = try store.issueKey()
        #expect(throws: (any Error).self) {
            try store.change("UPDATE keys SET \(change) WHERE id = '\(id)'")
        }
    }

    @Test(arguments: [
        "UPDATE keys SET allowed = '10.0.0.0/8'", "UPDATE keys SET models = 'a*'", "UPDATE keys SET daily_limit = 5",
        "UPDATE keys SET rate = 5", "UPDATE keys SET session_seconds = 900",
        "UPDATE keys SET expires_at = expires_at + 1",
        "UPDATE researchers SET ends_at = 5", "UPDATE researchers SET sessions_valid_from = 5",
        "UPDATE researchers SET disabled_at = 5", "UPDATE keys SET project = project",
    ])
    func `each change of what is allowed moves the key's version, and voids what was decided before`(
        _ sql: String
    ) async throws {
        let id = try store.issueKey()
        let vend = try await store.vend(id)
        try store.change(sql)
        let found = try #require(try await store.directory.key(id))
        #expect(found.record.version > vend.key.version)
        #expect(try await store.directory.changes(since: vend.revision).keys == [id])
        await #expect(throws: AuditLogError.self) {
            try await Recorder(database: store.database, now: { TemporaryStore.now }).record(vend)
        }
    }

    @Test func `a researcher's end and the time from which sessions count are read`() async throws {
        let id = try store.issueKey()
        let sql = "UPDATE researchers SET ends_at = 1767326645000, sessions_valid_from = 1767323045500"
        try store.change(sql)
        let record = try #require(try await store.directory.key(id)).record
        #expect(record.owner.ends == TemporaryStore.now.addingTimeInterval(3600))
        #expect(record.owner.sessionsValidFrom == TemporaryStore.now.addingTimeInterval(0.5))
        #expect(record.end == TemporaryStore.now.addingTimeInterval(3600))
    }
}
