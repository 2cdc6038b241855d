import BursarFoundation
import GRDB

/// What heads that were kept elsewhere say of the records.
package struct AnchorFindings: Sendable, Equatable {
    /// Anchors that fit.
    package var matched = 0
    /// Anchors of records that were pruned: nothing is left to compare them with.
    package var pruned = 0
    /// The first anchor whose record has another hash now.
    package var differing: ChainAnchor?
    /// The last anchor before it that fits: what was rewritten came after.
    package var lastMatch: Int64?
    /// An anchor of a record after the last one there is: the end was cut off.
    package var beyond: ChainAnchor?
    /// An anchor that contradicts another one of the same record.
    package var contradicted: Int64?

    package var isBroken: Bool { differing != nil || beyond != nil || contradicted != nil }

    package init() {}
}

extension Store {
    /// How many anchors are looked up at once.
    private static let step = 4096

    /// Compares `anchors`, sorted by their numbers, with the hashes that are stored.
    ///
    /// Whether those hashes are their records' is ``checkChain(progress:)``'s to say.
    package func compare(_ anchors: [ChainAnchor]) throws -> AnchorFindings {
        var findings = AnchorFindings()
        for start in stride(from: 0, to: anchors.count, by: Self.step) {
            let part = anchors[start..<min(start + Self.step, anchors.count)]
            findings = try read { [findings] db in
                var findings = findings
                let (pruned, end) = (try Chain.pruned(db), try Chain.current(db))
                for (index, anchor) in zip(part.indices, part) {
                    if index > anchors.startIndex, anchors[index - 1].sequence == anchor.sequence {
                        findings.contradicted = findings.contradicted ?? anchor.sequence
                    }
                    try findings.add(anchor, try Self.standing(of: anchor, db, pruned: pruned, end: end))
                }
                return findings
            }
        }
        return findings
    }

    fileprivate enum Standing {
        case fits, differs, pruned, beyond
    }

    private static func standing(of anchor: ChainAnchor, _ db: Database, pruned: Chain, end: Chain) throws -> Standing {
        if anchor.sequence < pruned.sequence { return .pruned }
        if anchor.sequence > end.sequence { return .beyond }
        if anchor.sequence == pruned.sequence {
            return anchor == ChainAnchor(sequence: pruned.sequence, hash: pruned.head) ? .fits : .differs
        }
        let statement = try db.cachedStatement(sql: "SELECT hash FROM records WHERE sequence = ?")
        guard let stored = try Data.fetchOne(statement, arguments: [anchor.sequence]), stored.count == 32 else {
            return .differs
        }
        return anchor == ChainAnchor(sequence: anchor.sequence, hash: Array(stored)) ? .fits : .differs
    }
}

extension AnchorFindings {
    fileprivate mutating func add(_ anchor: ChainAnchor, _ standing: Store.Standing) throws {
        switch standing {
        case .fits:
            matched += 1
            if differing == nil { lastMatch = anchor.sequence }
        case .differs: differing = differing ?? anchor
        case .pruned: pruned += 1
        case .beyond: beyond = beyond ?? anchor
        }
    }
}
