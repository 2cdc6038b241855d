import BursarFoundation

/// A former head of the chain that is kept outside the database: a record's sequence number and hash.
package struct ChainAnchor: Sendable, Hashable, Comparable {
    package let sequence: Int64
    /// The hash as four numbers, so that a year of them stays small.
    private let words: SIMD4<UInt64>

    /// - Precondition: 32 bytes.
    init(sequence: Int64, hash: [UInt8]) {
        precondition(hash.count == 32, "a hash of \(hash.count) bytes")
        self.sequence = sequence
        var words = SIMD4<UInt64>()
        for (index, byte) in hash.enumerated() { words[index / 8] = words[index / 8] << 8 | UInt64(byte) }
        self.words = words
    }

    /// Returns nil unless `hash` is 64 hexadecimal digits and `sequence` is not negative.
    package init?(sequence: Int64, hash: some StringProtocol) {
        guard sequence >= 0, hash.utf8.count == 64 else { return nil }
        var words = SIMD4<UInt64>()
        for (index, digit) in hash.utf8.enumerated() {
            guard let value = Self.value(of: digit) else { return nil }
            words[index / 16] = words[index / 16] << 4 | value
        }
        self.sequence = sequence
        self.words = words
    }

    /// 64 hexadecimal digits.
    package var hash: String {
        (0..<4).map { index in
            let digits = String(words[index], radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.sequence < right.sequence
    }

    private static func value(of digit: UInt8) -> UInt64? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(digit - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(digit - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(digit - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}

/// The result of comparing the records with anchors.
package struct AnchorFindings: Sendable, Equatable {
    /// The number of anchors that match.
    package var matched = 0
    /// The number of anchors of pruned records, which can't be compared.
    package var pruned = 0
    /// The first anchor whose record has another hash now.
    package var differing: ChainAnchor?
    /// The last matching anchor before it: the rewritten records come after.
    package var lastMatch: Int64?
    /// An anchor beyond the last record: the end of the chain was cut off.
    package var beyond: ChainAnchor?
    /// The sequence number of an anchor that contradicts another one of the same record.
    package var contradicted: Int64?

    package var isBroken: Bool { differing != nil || beyond != nil || contradicted != nil }

    package init() {}
}

extension AuditTrail {
    /// Anchors compared per read.
    private static let step = 4096

    /// Compares `anchors`, sorted by sequence number, with the stored hashes.
    ///
    /// ``checkChain(progress:)`` checks that those hashes are their records'.
    package func compare(_ anchors: [ChainAnchor]) throws -> AnchorFindings {
        var findings = AnchorFindings()
        for start in stride(from: 0, to: anchors.count, by: Self.step) {
            let part = anchors[start..<min(start + Self.step, anchors.count)]
            findings = try database.read { [findings] db in
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

    private static func standing(of anchor: ChainAnchor, _ db: any Transaction, pruned: Chain, end: Chain) throws
        -> Standing
    {
        if anchor.sequence < pruned.sequence { return .pruned }
        if anchor.sequence > end.sequence { return .beyond }
        if anchor.sequence == pruned.sequence {
            return anchor == ChainAnchor(sequence: pruned.sequence, hash: pruned.head) ? .fits : .differs
        }
        let stored: [UInt8]? = try db.value("SELECT hash AS value FROM records WHERE sequence = ?", [anchor.sequence])
        guard let stored, stored.count == 32 else { return .differs }
        return anchor == ChainAnchor(sequence: anchor.sequence, hash: stored) ? .fits : .differs
    }
}

extension AnchorFindings {
    fileprivate mutating func add(_ anchor: ChainAnchor, _ standing: AuditTrail.Standing) throws {
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
