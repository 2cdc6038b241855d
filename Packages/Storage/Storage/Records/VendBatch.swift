import BursarFoundation
import BursarModel
import GRDB
import Vending

/// The vends of one commit: checked once more against the keys as they are now, held to their quotas, chained, and
/// counted.
struct VendBatch {
    private let vends: [Vend]
    private let date: Date

    init(_ vends: [Vend], at date: Date) {
        self.vends = vends
        self.date = date
    }

    /// To be called inside an immediate transaction.
    ///
    /// - Returns: what became of each vend, in their order, and `known` with the networks that were met.
    func write(
        to db: Database,
        _ known: KnownNetworks = KnownNetworks()
    ) throws -> (outcomes: [Recorder.Outcome], known: KnownNetworks) {
        let state = try DirectoryState.current(db)
        guard !state.isPaused else { return (vends.map { _ in .failure(.paused) }, known) }
        let usage = try UsageCounter(db, at: date)
        var uses = try usesBefore(usage)
        var chain = try Chain.current(db)
        var tally = VendTally()
        var entries: [RecordEntry] = []
        var outcomes: [Recorder.Outcome] = []
        for vend in vends {
            let key = vend.key.id
            let isCurrent = try vend.revision == state.revision || Self.version(of: key, db) == vend.key.version
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

    private func usesBefore(_ usage: UsageCounter) throws -> [KeyID: Int] {
        var uses: [KeyID: Int] = [:]
        for vend in vends where uses[vend.key.id] == nil { uses[vend.key.id] = try usage.vends(of: vend.key.id) }
        return uses
    }

    private static func version(of key: KeyID, _ db: Database) throws -> Int64? {
        let statement = try db.cachedStatement(sql: "SELECT version FROM keys WHERE id = ?")
        return try Int64.fetchOne(statement, arguments: [key.description])
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
