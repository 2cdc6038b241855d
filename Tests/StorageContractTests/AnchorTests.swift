import StorageTestSupport
import Testing

@testable import Storage

/// Heads that were kept elsewhere, compared with the records.
@Suite struct AnchorTests {
    private let place = TemporaryStore()

    /// A chain of five records, and the head after each.
    private func made() async throws -> (store: Store, heads: [ChainAnchor]) {
        let store = try await place.made()
        var heads: [ChainAnchor] = []
        try store.addAda()
        for _ in 0..<5 {
            let head = try store.audit.chainHead()
            heads.append(try #require(ChainAnchor(sequence: head.sequence, hash: head.hash)))
            _ = try store.issueKey()
        }
        return (store, heads)
    }

    @Test func `a hash is read as it is written`() throws {
        let digits = String(repeating: "00ff", count: 16)
        #expect(ChainAnchor(sequence: 1, hash: digits.uppercased())?.hash == digits)
    }

    @Test(arguments: ["", "00", String(repeating: "0", count: 63) + "g", String(repeating: "0", count: 65)])
    func `what is no hash is none`(_ hash: String) {
        #expect(ChainAnchor(sequence: 1, hash: hash) == nil)
    }

    @Test func `heads of an intact chain all fit, the one of an empty chain too`() async throws {
        let (store, heads) = try await made()
        let empty = try #require(ChainAnchor(sequence: 0, hash: String(repeating: "0", count: 64)))
        let findings = try store.audit.compare([empty] + heads)
        #expect(findings.matched == 6)
        #expect(!findings.isBroken)
    }

    @Test func `a chain that was rewritten from a record on differs from there`() async throws {
        var (store, heads) = try await made()
        // Every record from the third on is written again: the chain holds again, and only the heads tell.
        let sql = "SELECT * FROM records WHERE sequence >= 3 ORDER BY sequence"
        let entries = try await store.database.read { db in try db.map(sql, [], RecordEntry.init(stored:)) }
        try store.edit("DELETE FROM records WHERE sequence >= 3")
        // Where a record is missed that was committed, nothing is written by the same program.
        store = try await place.opened()
        try store.database.write { db in
            var chain = try Chain.current(db)
            for var entry in entries {
                entry.researcher = "eve"
                try chain.append(entry, to: db)
            }
        }
        #expect(try store.audit.firstBrokenRecord() == nil)
        let findings = try store.audit.compare(heads)
        #expect(findings.differing?.sequence == 3)
        #expect(findings.lastMatch == 2)
        #expect(findings.matched == 2)
        #expect(findings.isBroken)
    }

    @Test func `a head beyond the last record says that the end was cut off`() async throws {
        let (store, heads) = try await made()
        try store.edit("DELETE FROM records WHERE sequence > 3")
        #expect(try store.audit.firstBrokenRecord() == nil)
        let findings = try store.audit.compare(heads)
        #expect(findings.beyond?.sequence == 4)
        #expect(findings.differing == nil)
        #expect(findings.isBroken)
    }

    @Test func `heads of pruned records can't be checked, but the last of them can`() async throws {
        let (store, heads) = try await made()
        try store.change("UPDATE pruned SET sequence = 3, hash = (SELECT hash FROM records WHERE sequence = 3)")
        try store.change("DELETE FROM records WHERE sequence <= 3")
        let findings = try store.audit.compare(heads)
        #expect((findings.pruned, findings.matched) == (2, 3))
        #expect(!findings.isBroken)
        let forged = try #require(ChainAnchor(sequence: 3, hash: String(repeating: "a", count: 64)))
        #expect(try store.audit.compare([forged]).differing == forged)
    }

    @Test func `two heads of one record contradict each other`() async throws {
        let (store, heads) = try await made()
        let other = try #require(ChainAnchor(sequence: 2, hash: String(repeating: "a", count: 64)))
        let findings = try store.audit.compare((heads + [other]).sorted())
        #expect(findings.contradicted == 2)
        #expect(findings.isBroken)
    }
}

/// A stored record, to be written again as a forger would.
extension RecordEntry {
    fileprivate init(stored row: ResultRow) throws {
        self.init(
            kind: try #require(Kind(rawValue: row["kind"])),
            occurred: try row["occurred_at"],
            researcher: try row["researcher"],
            keyID: try row["key_id"],
            address: try row["address"],
            accessKeyID: try row["access_key_id"],
            expires: try row["expires_at"],
            requestID: try row["request_id"],
            reason: try row["reason"],
            actor: try row["actor"],
            detail: try row["detail"]
        )
    }
}
