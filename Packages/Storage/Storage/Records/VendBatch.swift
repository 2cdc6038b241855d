import BursarFoundation
import BursarModel
import Vending

/// The vends of one commit: checked again against the current keys and their quotas, chained, and counted.
struct VendBatch {
    private let vends: [Vend]
    private let date: Date

    /// `date` is this machine's; the database's, if it has one of its own, counts instead.
    init(_ vends: [Vend], at date: Date) {
        self.vends = vends
        self.date = date
    }

    /// Writes the vends, inside an immediate transaction.
    ///
    /// `late` is called once the writers' lock is held, and returns vends that are to be written as well.
    ///
    /// - Returns: the outcome of each vend, in their order, and `known` with the networks of this batch.
    func write(
        to db: any Transaction,
        _ known: KnownNetworks = KnownNetworks(),
        late: () -> [Vend] = { [] }
    ) throws -> (outcomes: [Recorder.Outcome], known: KnownNetworks) {
        var state = CommitState(of: vends, db, at: date, known)
        let date = try db.sharedDate ?? date
        let late = late()
        let vends = vends + late
        if !late.isEmpty || !state.usage.move(to: date) { state = CommitState(of: vends, db, at: date, known) }
        let directory = try state.directory.get()
        guard !directory.isPaused else { return (vends.map { _ in .failure(.paused) }, known) }
        var uses = try state.uses.get()
        let versions = try vends.contains { $0.revision != directory.revision } ? state.versions.get() : [:]
        var chain = try state.chain.get()
        var tally = VendTally()
        var entries: [RecordEntry] = []
        var outcomes: [Recorder.Outcome] = []
        for vend in vends {
            let key = vend.key.id.description
            let isCurrent = vend.revision == directory.revision || versions[key] == vend.key.version
            guard isCurrent, date < vend.key.end else {
                outcomes.append(.failure(.keyChanged))
                continue
            }
            let used = uses[key] ?? 0
            guard used < vend.dailyLimit else {
                outcomes.append(.failure(.quotaExhausted(DailyUsage(day: state.usage.day, count: used))))
                continue
            }
            uses[key] = used + 1
            entries.append(RecordEntry(vend, at: date))
            tally.add(vend, sequence: chain.sequence + Int64(entries.count))
            outcomes.append(.success(DailyUsage(day: state.usage.day, count: used + 1)))
        }
        let (networks, met) = try state.networks.names(for: tally.places)
        try chain.append(entries, to: db)
        try state.usage.add(tally, networks)
        return (outcomes, met)
    }
}

/// The state that the vends of one commit are decided by, whose queries are announced together.
private struct CommitState {
    let directory: Announced<DirectoryState>
    var usage: UsageCounter
    /// The vends on that day, by key.
    let uses: Announced<[String: Int]>
    /// The keys' current versions, unless all of them were read at the current revision.
    let versions: Announced<[String: Int64]>
    let chain: Announced<Chain>
    let networks: NetworkNames

    init(of vends: [Vend], _ db: any Transaction, at date: Date, _ known: KnownNetworks) {
        let keys = Set(vends.map(\.key.id))
        directory = DirectoryState.announced(db)
        usage = UsageCounter(db, at: date)
        uses = UsageCounter.vends(of: keys, on: usage.day, db)
        versions = KeyList(keys, column: "id").announceValues(db, [vends.map(\.revision).min()]) { isListed in
            "SELECT id AS key_id, version AS value FROM keys WHERE ? <> (SELECT value FROM revision) AND \(isListed)"
        }
        chain = Chain.announced(db)
        networks = NetworkNames(db, of: Set(vends.map(VendTally.Place.init)), on: usage.day, known)
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

        init(_ vend: Vend) {
            key = vend.key.id
            network = vend.address.reportedNetwork
        }
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
        places[Place(vend), default: 0] += 1
        if !vend.key.owner.isSelftest { total += 1 }
    }
}
