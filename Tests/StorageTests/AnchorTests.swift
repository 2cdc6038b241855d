import GRDB
import Testing

@testable import SQLiteStore
@testable import Storage

/// Heads that were kept elsewhere, compared with the records.
@Suite struct AnchorTests {
    private let place = TemporaryStore()

    /// A chain of five records, and the head after each.
    private func made() throws -> (store: Store, heads: [ChainAnchor]) {
        let store = try place.made()
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

    @Test func `heads of an intact chain all fit, the one of an empty chain too`() throws {
        let (store, heads) = try made()
        let empty = try #require(ChainAnchor(sequence: 0, hash: String(repeating: "0", count: 64)))
        let findings = try store.audit.compare([empty] + heads)
        #expect(findings.matched == 6)
        #expect(!findings.isBroken)
    }

    @Test func `a chain that was rewritten from a record on differs from there`() throws {
        let (store, heads) = try made()
        // Everything from the third record on is made anew: the chain holds again, and only the heads tell.
        try store.write { db in
            try db.execute(sql: "DROP TRIGGER records_remain")
            let rows = try Row.fetchAll(db, sql: "SELECT * FROM records WHERE sequence >= 3 ORDER BY sequence")
            let entries = rows.compactMap { RecordEntry($0) }
            try db.execute(sql: "DELETE FROM records WHERE sequence >= 3")
            var chain = try Chain.current(db.transaction)
            for var entry in entries {
                entry.researcher = "eve"
                try chain.append(entry, to: db.transaction)
            }
        }
        #expect(try store.audit.firstBrokenRecord() == nil)
        let findings = try store.audit.compare(heads)
        #expect(findings.differing?.sequence == 3)
        #expect(findings.lastMatch == 2)
        #expect(findings.matched == 2)
        #expect(findings.isBroken)
    }

    @Test func `a head beyond the last record says that the end was cut off`() throws {
        let (store, heads) = try made()
        try store.write { db in
            try db.execute(sql: "DROP TRIGGER records_remain; DELETE FROM records WHERE sequence > 3")
        }
        #expect(try store.audit.firstBrokenRecord() == nil)
        let findings = try store.audit.compare(heads)
        #expect(findings.beyond?.sequence == 4)
        #expect(findings.differing == nil)
        #expect(findings.isBroken)
    }

    @Test func `heads of pruned records can't be checked, but the last of them can`() throws {
        let (store, heads) = try made()
        try store.write { db in
            try db.execute(
                sql: """
                    UPDATE pruned SET sequence = 3, hash = (SELECT hash FROM records WHERE sequence = 3);
                    DELETE FROM records WHERE sequence <= 3;
                    """
            )
        }
        let findings = try store.audit.compare(heads)
        #expect((findings.pruned, findings.matched) == (2, 3))
        #expect(!findings.isBroken)
        let forged = try #require(ChainAnchor(sequence: 3, hash: String(repeating: "a", count: 64)))
        #expect(try store.audit.compare([forged]).differing == forged)
    }

    @Test func `two heads of one record contradict each other`() throws {
        let (store, heads) = try made()
        let other = try #require(ChainAnchor(sequence: 2, hash: String(repeating: "a", count: 64)))
        let findings = try store.audit.compare((heads + [other]).sorted())
        #expect(findings.contradicted == 2)
        #expect(findings.isBroken)
    }
}

extension RecordEntry {
    /// A stored record, to be written again as a forger would.
    fileprivate init?(_ row: Row) {
        guard let kind = Kind(rawValue: row["kind"]) else { return nil }
        self.init(
            kind: kind,
            occurred: row["occurred_at"],
            researcher: row["researcher"],
            keyID: row["key_id"],
            address: row["address"],
            accessKeyID: row["access_key_id"],
            expires: row["expires_at"],
            requestID: row["request_id"],
            reason: row["reason"],
            actor: row["actor"],
            detail: row["detail"]
        )
    }
}
