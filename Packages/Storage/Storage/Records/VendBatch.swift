import BursarFoundation
import BursarModel
import Vending

/// The vends of one commit: checked again against the current keys and their quotas, chained, and counted.
struct VendBatch {
    private let vends: [Vend]
    private let date: Date

    init(_ vends: [Vend], at date: Date) {
        self.vends = vends
        self.date = date
    }

    /// Writes the vends, inside an immediate transaction.
    ///
    /// - Returns: the outcome of each vend, in their order, and `known` with the networks of this batch.
    func write(
        to db: any Transaction,
        _ known: KnownNetworks = KnownNetworks()
    ) throws -> (outcomes: [Recorder.Outcome], known: KnownNetworks) {
        let state = try DirectoryState.current(db)
        guard !state.isPaused else { return (vends.map { _ in .failure(.paused) }, known) }
        let usage = try UsageCounter(db, at: date)
        var uses = try usage.vends(of: Set(vends.map(\.key.id)))
        let versions = try versions(unlessAt: state.revision, db)
        var chain = try Chain.current(db)
        var tally = VendTally()
        var entries: [RecordEntry] = []
        var outcomes: [Recorder.Outcome] = []
        for vend in vends {
            let key = vend.key.id.description
            let isCurrent = vend.revision == state.revision || versions[key] == vend.key.version
            guard isCurrent, date < vend.key.end else {
                outcomes.append(.failure(.keyChanged))
                continue
            }
            let used = uses[key] ?? 0
            guard used < vend.dailyLimit else {
                outcomes.append(.failure(.quotaExhausted(DailyUsage(day: usage.day, count: used))))
                continue
            }
            uses[key] = used + 1
            entries.append(RecordEntry(vend, at: date))
            tally.add(vend, sequence: chain.sequence + Int64(entries.count))
            outcomes.append(.success(DailyUsage(day: usage.day, count: used + 1)))
        }
        try chain.append(entries, to: db)
        var known = known
        try usage.add(tally, &known)
        return (outcomes, known)
    }

    /// Returns the current versions of the keys that were read at another revision than `revision`.
    private func versions(unlessAt revision: Int64, _ db: any Transaction) throws -> [String: Int64] {
        let keys = Set(vends.lazy.filter { $0.revision != revision }.map(\.key.id))
        return try KeyList(keys, column: "id").values(db) { isListed in
            "SELECT id AS key_id, version AS value FROM keys WHERE \(isListed)"
        }
    }
}

extension RecordEntry {
    fileprivate init(_ vend: Vend, at date: Date) {
        self.init(
            kind: .vend,
            occurred: date.milliseconds,
            researcher: vend.key.researcher.description,
            keyID: vend.key.id.description,
            address: vend.address.description,
            accessKeyID: vend.accessKeyID,
            expires: vend.expiration.milliseconds,
            requestID: vend.requestID
        )
        if case .token(let region) = vend.form { detail = "token \(region)" }
    }
}

/// The sums that one commit's vends add to the roll-ups.
struct VendTally {
    /// A key and network that vends are counted by.
    struct Place: Hashable, Sendable {
        let key: KeyID
        let network: CIDRBlock
    }

    /// One key's share of the commit.
    struct Share {
        var count = 0
        /// The sequence number of the last record.
        var sequence: Int64 = 0
        /// UTC milliseconds: the latest expiry of the credentials.
        var liveUntil: Int64 = 0
    }

    private(set) var shares: [KeyID: Share] = [:]
    private(set) var places: [Place: Int] = [:]
    /// The number of vends, without those of self-tests.
    private(set) var total = 0

    mutating func add(_ vend: Vend, sequence: Int64) {
        var share = shares[vend.key.id] ?? Share()
        share.count += 1
        share.sequence = sequence
        share.liveUntil = max(share.liveUntil, vend.expiration.milliseconds)
        shares[vend.key.id] = share
        places[Place(key: vend.key.id, network: vend.address.reportedNetwork), default: 0] += 1
        if !vend.key.owner.isSelftest { total += 1 }
    }
}
