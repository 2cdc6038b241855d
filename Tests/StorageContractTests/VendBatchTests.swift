import BursarFoundation
import BursarModel
import StorageTestSupport
import Testing
import Vending

@testable import Storage

/// The commit of many vends: what a commit of each would do, in fewer queries.
@Suite struct VendBatchTests {
    private let place = TemporaryStore()
    private let store: Store

    init() async throws {
        store = try await place.made()
        try store.addAda()
    }

    private func write(_ vends: [Vend], _ known: inout KnownNetworks) throws -> [Recorder.Outcome] {
        let before = known
        let written = try store.database.write { db in
            try VendBatch(vends, at: TemporaryStore.now).write(to: db, before)
        }
        known = written.known
        return written.outcomes
    }

    /// Keys 0 to 6 of a group, with the vends of the day so far.
    private func group(_ known: inout KnownNetworks) async throws -> [KeyID] {
        let keys = try (0..<7).map { _ in try store.issueKey() }
        var vends = [try await store.vend(keys[0], from: "10.0.0.9"), try await store.vend(keys[3])]
        vends += [try await store.vend(keys[2]), try await store.vend(keys[2])]
        for number in 0..<50 {
            vends.append(try await store.vend(keys[4], from: "10.0.\(number).7"))
            if number > 0 { vends.append(try await store.vend(keys[5], from: "10.0.\(number).7")) }
        }
        for outcome in try write(vends, &known) { _ = try outcome.get() }
        return keys
    }

    /// Vends of a group that are decided before key 1 is revoked, in the order of ``outcomes``.
    private func early(_ keys: [KeyID]) async throws -> [Vend] {
        let plan = [
            (0, "10.0.0.1", 9), (1, "10.0.0.1", 9), (2, "10.0.0.1", 2), (3, "10.0.0.1", 3), (0, "10.0.1.1", 9),
            (3, "10.0.1.1", 3), (3, "10.0.2.1", 3), (4, "10.0.60.1", 99), (4, "10.0.61.1", 99), (4, "10.0.7.1", 99),
            (5, "10.0.70.1", 99), (5, "10.0.70.2", 99), (1, "10.0.3.1", 9), (0, "2001:db8::1", 9),
        ]
        var vends: [Vend] = []
        for (key, address, limit) in plan {
            vends.append(try await store.vend(keys[key], dailyLimit: limit, from: address))
        }
        return vends
    }

    /// The outcomes of ``early(_:)``, and of a vend of key 6 that is decided later.
    private static let outcomes = [
        "2", "changed", "used 2", "2", "3", "3", "used 3", "51", "52", "53", "50", "51", "changed", "4", "1",
    ]

    private static func text(_ outcome: Recorder.Outcome) -> String {
        switch outcome {
        case .success(let use): "\(use.count)"
        case .failure(.keyChanged): "changed"
        case .failure(.quotaExhausted(let use)): "used \(use.count)"
        case .failure(let error): "\(error)"
        }
    }

    private func rollUps(of key: KeyID) throws -> [String] {
        try store.rows("SELECT day, outcome, count, last_at FROM usage_daily WHERE key_id = '\(key)'")
            + store.rows("SELECT network, count FROM usage_networks WHERE key_id = '\(key)' ORDER BY network")
            + store.rows("SELECT vends, first_at, last_at, live_until FROM usage_keys WHERE key_id = '\(key)'")
    }

    @Test(arguments: [false, true])
    func `vends in one commit have the outcomes and roll-ups of a commit for each`(isKnown: Bool) async throws {
        var known = KnownNetworks()
        let (together, apart) = (try await group(&known), try await group(&known))
        var (batch, single) = (try await early(together), try await early(apart))
        for keys in [together, apart] {
            _ = try store.administration.revokeKey(keys[1], reason: "lost", by: TemporaryStore.act)
        }
        batch.append(try await store.vend(together[6]))
        single.append(try await store.vend(apart[6]))

        if !isKnown { known = KnownNetworks() }
        let outcomes = try write(batch, &known)
        let singles = try single.flatMap { vend in try write([vend], &known) }
        #expect(outcomes.map(Self.text) == Self.outcomes)
        #expect(singles.map(Self.text) == Self.outcomes)
        for (one, other) in zip(together, apart) { #expect(try rollUps(of: one) == rollUps(of: other)) }

        let sums = try store.rows("SELECT sum(count) FROM usage_daily")
        #expect(try store.rows("SELECT sum(count) FROM usage_networks") == sums)
        #expect(try store.rows("SELECT count FROM usage_totals") == sums)
        #expect(try store.rows("SELECT count(*) FROM records WHERE kind = 'vend'") == sums)
        #expect(try store.rows("SELECT count FROM usage_networks WHERE network = 'other'") == ["2", "2"])
        #expect(try store.audit.firstBrokenRecord() == nil)
    }

    /// The number of statements of a commit with one vend of each of `count` keys.
    private func statements(_ count: Int) async throws -> Int {
        let keys = try (0..<count).map { _ in try store.issueKey() }
        var vends: [Vend] = []
        for key in keys { vends.append(try await store.vend(key)) }
        // Every vend is of an older revision.
        _ = try store.issueKey()
        return try store.database.write { [vends] db in
            let counting = CountingTransaction(db)
            for outcome in try VendBatch(vends, at: TemporaryStore.now).write(to: counting).outcomes {
                _ = try outcome.get()
            }
            return counting.statements
        }
    }

    @Test func `a commit of many keys runs as many statements as one of a single key`() async throws {
        let one = try await statements(1)
        #expect(try await statements(32) == one)
    }
}

/// A transaction that counts its statements, each of which is a round trip on PostgreSQL.
private final class CountingTransaction: Transaction {
    private let db: any Transaction
    private(set) var statements = 0

    var dialect: Dialect { db.dialect }

    init(_ db: any Transaction) {
        self.db = db
    }

    func forEach(_ sql: String, _ arguments: SQLArguments, _ body: (ResultRow) throws -> Void) throws {
        statements += 1
        try db.forEach(sql, arguments, body)
    }

    func forEachRaw(_ sql: String, _ arguments: SQLArguments, _ body: (any RawRow) throws -> Void) throws {
        statements += 1
        try db.forEachRaw(sql, arguments, body)
    }

    func execute(_ sql: String, _ arguments: SQLArguments) throws -> Int {
        statements += 1
        return try db.execute(sql, arguments)
    }

    func checkSchema() throws {
        try db.checkSchema()
    }

    func condition(_ column: String, liesIn block: CIDRBlock) throws -> (sql: String, arguments: SQLArguments) {
        try db.condition(column, liesIn: block)
    }
}
