import BursarFoundation
import StorageTestSupport
import Testing

@testable import Storage

@Suite struct ChainTests {
    private let place = TemporaryStore()

    /// The vector of `Docs/architecture.md`; made with Python's hashlib and struct from the format's description.
    @Test func `records of both formats chain to known heads`() {
        var chain = Chain(sequence: 0, head: [UInt8](repeating: 0, count: 32))
        let added = RecordEntry(
            format: .plain,
            kind: .researcherAdded,
            occurred: 1_767_323_045_000,
            researcher: "ada"
        )
        chain.advance(over: added)
        var vend = RecordEntry(format: .plain, kind: .vend, occurred: 1_767_323_046_123, researcher: "ada")
        vend.keyID = "7c3kq9x2mzpa"
        vend.address = "192.0.2.1"
        vend.accessKeyID = "ASIAEXAMPLE"
        vend.expires = 1_767_326_646_000
        vend.requestID = "r1"
        chain.advance(over: vend)
        #expect(chain.sequence == 2)
        #expect(hex(chain) == "7a8d83bf0ec72ff57ba1bdd27459914956295d029ae73afa215ffcabcb928900")

        var refusal = RecordEntry(kind: .refusal, occurred: 1_767_323_047_000, researcher: "ada")
        refusal.keyID = "7c3kq9x2mzpa"
        refusal.address = "192.0.2.1"
        refusal.requestID = "r2"
        refusal.reason = "quota_exhausted"
        chain.advance(over: refusal)
        chain.advance(over: RecordEntry(kind: .vendingPaused, occurred: 1_767_323_048_000, actor: "root@desk"))
        var token = RecordEntry(kind: .vend, occurred: 1_767_323_049_000, researcher: "ada")
        token.keyID = "7c3kq9x2mzpa"
        token.address = "192.0.2.1"
        token.accessKeyID = "ASIAEXAMPLE"
        token.expires = 1_767_326_646_000
        token.requestID = "r3"
        token.detail = "token us-east-1"
        chain.advance(over: token)
        #expect(chain.sequence == 5)
        #expect(hex(chain) == "dddbfd6c99f8de6731397afdfb90deb72efe1353f4b1ab08d28ca10ba6fd5136")
    }

    private func hex(_ chain: Chain) -> String {
        chain.head.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    @Test func `each action of the operator is a link`() async throws {
        let store = try await place.made()
        try store.addAda()
        let id = try store.issueKey()
        _ = try store.administration.revokeKey(id, reason: "lost", by: TemporaryStore.act)
        let kinds = try store.rows("SELECT kind FROM records ORDER BY sequence")
        #expect(kinds == ["\"researcher_added\"", "\"key_issued\"", "\"key_revoked\""])
        #expect(try store.audit.firstBrokenRecord() == nil)
    }

    @Test(arguments: [
        "UPDATE records SET researcher = 'eve' WHERE sequence = 2", "DELETE FROM records WHERE sequence = 2",
        "UPDATE records SET occurred_at = occurred_at + 1 WHERE sequence = 2",
        "UPDATE records SET request_id = '' WHERE sequence = 2", "UPDATE records SET kind = 'other' WHERE sequence = 2",
    ])
    func `an edited or removed record is found`(_ sql: String) async throws {
        let store = try await place.made()
        try store.addAda()
        for _ in 0..<3 { _ = try store.issueKey() }
        try store.edit(sql)
        let broken = try store.audit.firstBrokenRecord()
        #expect(broken == (sql.hasPrefix("DELETE") ? 3 : 2))
    }
}
