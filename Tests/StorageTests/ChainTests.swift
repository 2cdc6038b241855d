import FoundationEssentials
import GRDB
import Testing

@testable import Storage

@Suite struct ChainTests {
    private let place = TemporaryStore()

    /// The vector of `Docs/architecture.md`; made with Python's hashlib and struct from the format's description.
    @Test func `two records chain to a known head`() {
        var chain = Chain.empty
        chain.advance(over: RecordEntry(kind: .researcherAdded, occurred: 1_767_323_045_000, researcher: "ada"))
        var vend = RecordEntry(kind: .vend, occurred: 1_767_323_046_123, researcher: "ada")
        vend.keyID = "7c3kq9x2mzpa"
        vend.address = "192.0.2.1"
        vend.accessKeyID = "ASIAEXAMPLE"
        vend.expires = 1_767_326_646_000
        vend.requestID = "r1"
        chain.advance(over: vend)
        #expect(chain.sequence == 2)
        #expect(
            chain.head.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
                == "7a8d83bf0ec72ff57ba1bdd27459914956295d029ae73afa215ffcabcb928900"
        )
    }

    @Test func `each action of the operator is a link`() throws {
        let store = try place.made()
        try store.addAda()
        let id = try store.issueKey()
        _ = try store.revokeKey(id, reason: "lost", at: TemporaryStore.now)
        let kinds = try store.read { try String.fetchAll($0, sql: "SELECT kind FROM records ORDER BY sequence") }
        #expect(kinds == ["researcher_added", "key_issued", "key_revoked"])
        #expect(try store.firstBrokenRecord() == nil)
    }

    @Test(arguments: [
        "UPDATE records SET researcher = 'eve' WHERE sequence = 2", "DELETE FROM records WHERE sequence = 2",
        "UPDATE records SET occurred_at = occurred_at + 1 WHERE sequence = 2",
        "UPDATE records SET request_id = '' WHERE sequence = 2", "UPDATE records SET kind = 'other' WHERE sequence = 2",
    ])
    func `an edited or removed record is found`(_ sql: String) throws {
        let store = try place.made()
        try store.addAda()
        for _ in 0..<3 { _ = try store.issueKey() }
        try store.write { db in
            try db.execute(sql: "DROP TRIGGER records_stay; DROP TRIGGER records_remain")
            try db.execute(sql: sql)
        }
        let broken = try store.firstBrokenRecord()
        #expect(broken == (sql.hasPrefix("DELETE") ? 3 : 2))
    }
}
