import BursarFoundation
import BursarModel
import StorageTestSupport
import TestSupport
import Testing
import Vending

@testable import Storage

/// The roll-ups: always what the records say, whatever the clock does.
@Suite struct UsageTests {
    private static let year: TimeInterval = 366 * 86_400
    private let place = TemporaryStore()
    private let store: Store

    init() async throws {
        store = try await place.made()
        try store.addAda()
    }

    private func add(_ vends: [Vend], at date: Date) throws {
        let outcomes = try store.database.write { db in try VendBatch(vends, at: date).write(to: db).outcomes }
        for outcome in outcomes { _ = try outcome.get() }
    }

    private func date(_ text: String) throws -> Date {
        try #require(Timestamp.date(text))
    }

    @Test func `a day's networks are counted apart up to fifty a key, and the rest are one`() async throws {
        let ids = [try store.issueKey(), try store.issueKey()]
        for number in 0..<60 {
            for id in ids { try add([try await store.vend(id, from: "10.0.\(number).7")], at: TemporaryStore.now) }
        }
        try add([try await store.vend(ids[0], from: "10.0.3.9")], at: TemporaryStore.now)
        try add([try await store.vend(ids[0], from: "2001:db8::1")], at: TemporaryStore.now)
        for id in ids {
            let sql = "FROM usage_networks WHERE key_id = '\(id)'"
            #expect(try store.rows("SELECT count(*) \(sql)") == ["51"])
            #expect(try store.rows("SELECT count \(sql) AND network = '10.0.49.0/24'") == ["1"])
            #expect(try store.rows("SELECT count(*) \(sql) AND network = '10.0.50.0/24'") == ["0"])
        }
        #expect(try store.rows("SELECT count FROM usage_networks WHERE network = 'other' ORDER BY 1") == ["10", "11"])
        #expect(
            try store.rows("SELECT count FROM usage_networks WHERE network = '10.0.3.0/24' ORDER BY 1") == ["1", "2"]
        )
        try add(
            [try await store.vend(ids[0], from: "2001:db8::1")],
            at: TemporaryStore.now.addingTimeInterval(3600 * 22)
        )
        #expect(
            try store.rows("SELECT day, network FROM usage_networks WHERE day = 20456") == [
                "20456 \"2001:db8::/48\""
            ]
        )
    }

    @Test(arguments: [false, true])
    func `one commit's networks are counted apart up to fifty a key, whatever is known of them`(isKnown: Bool)
        async throws
    {
        let ids = [try store.issueKey(), try store.issueKey()]
        var known = KnownNetworks()
        for numbers in [0..<45, 40..<60, 0..<60] {
            var vends: [Vend] = []
            for id in ids {
                for number in numbers { vends.append(try await store.vend(id, from: "10.0.\(number).7")) }
            }
            let (batch, before) = (VendBatch(vends, at: TemporaryStore.now), known)
            let met = try store.database.write { db in try batch.write(to: db, before).known }
            if isKnown { known = met }
        }
        for id in ids {
            let sql = "FROM usage_networks WHERE key_id = '\(id)'"
            #expect(try store.rows("SELECT count(*) \(sql)") == ["51"])
            #expect(try store.rows("SELECT count \(sql) AND network = 'other'") == ["20"])
            #expect(try store.rows("SELECT sum(count) \(sql)") == ["125"])
            #expect(try store.rows("SELECT sum(count), count(*) FROM usage_daily WHERE key_id = '\(id)'") == ["125 1"])
        }
    }

    @Test func `a month is summed up once it is over, and not before`() async throws {
        let id = try store.issueKey(life: Self.year)
        let vend = try await store.vend(id)
        try add([vend, vend], at: try date("2026-01-31T23:59:59Z"))
        try add([vend], at: try date("2026-02-01T00:00:00Z"))
        try store.ledger.sumUpMonths(at: try date("2026-01-31T23:59:59Z"))
        #expect(try store.rows("SELECT * FROM usage_monthly").isEmpty)
        try store.ledger.sumUpMonths(at: try date("2026-02-01T00:00:00Z"))
        try store.ledger.sumUpMonths(at: try date("2026-02-28T23:59:59Z"))
        let january = try #require(UTCMonth("2026-01")).number
        #expect(
            try store.rows("SELECT month, key_id, outcome, count, last_at FROM usage_monthly") == [
                "\(january) \"\(id)\" \"vended\" 2 1769903999000"
            ]
        )
    }

    @Test func `what comes late for a month that was summed up is added to its sum`() async throws {
        let (id, other) = (try store.issueKey(life: Self.year), try store.issueKey(life: Self.year))
        let january = try date("2026-01-31T23:59:59Z")
        try add([try await store.vend(id)], at: january)
        try store.ledger.sumUpMonths(at: try date("2026-02-01T00:00:01Z"))
        try add([try await store.vend(id), try await store.vend(other)], at: january)
        let tally = RefusalTally()
        tally.note(VendError(.keyInvalid, .unproven(id)), from: nil, requestID: "", at: january)
        try store.ledger.record(try #require(tally.take()))
        try store.ledger.sumUpMonths(at: try date("2026-03-01T00:00:01Z"))
        #expect(try Self.sums(of: "usage_monthly", store) == Self.sums(of: "usage_daily", store))
    }

    @Test func `what comes late for a month that had nothing is summed up too`() async throws {
        let vend = try await store.vend(try store.issueKey(life: Self.year))
        try add([vend], at: try date("2026-03-15T12:00:00Z"))
        try store.ledger.sumUpMonths(at: try date("2026-04-01T00:00:01Z"))
        try add([vend], at: try date("2026-01-15T12:00:00Z"))
        try store.ledger.sumUpMonths(at: try date("2026-04-01T00:01:01Z"))
        #expect(try store.rows("SELECT count(*) FROM usage_monthly") == ["2"])
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `after any vends and refusals, in whatever order, the sums are those of the records`(_ seed: UInt64)
        async throws
    {
        var random = SeededGenerator(seed: seed)
        var vends: [Vend] = []
        for number in 0..<4 {
            let id = try store.issueKey(life: Self.year)
            for address in ["192.0.2.\(number)", "198.51.100.1", "2001:db8:\(number)::1"] {
                vends.append(try await store.vend(id, from: address))
            }
        }
        for _ in 0..<250 {
            let date = TemporaryStore.now.addingTimeInterval(.random(in: 0..<(Self.year - 1), using: &random))
            let batch = (0..<Int.random(in: 1...3, using: &random)).compactMap { _ in
                vends.randomElement(using: &random)
            }
            try add(batch, at: date)
            guard Int.random(in: 0..<4, using: &random) == 0 else { continue }
            try store.ledger.sumUpMonths(
                at: TemporaryStore.now.addingTimeInterval(.random(in: 0..<Self.year, using: &random))
            )
        }
        try store.ledger.sumUpMonths(at: TemporaryStore.now.addingTimeInterval(Self.year + 40 * 86_400))

        let month = try await store.database.read { db in db.dialect.month(ofDay: "(occurred_at / 86400000)") }
        let records = """
            SELECT \(month) AS month, key_id, count(*), max(occurred_at) FROM records
            WHERE kind = 'vend' GROUP BY 1, 2 ORDER BY 1, 2
            """
        #expect(
            try store.rows("SELECT month, key_id, count, last_at FROM usage_monthly ORDER BY 1, 2")
                == store.rows(records)
        )
        let days = """
            SELECT occurred_at / 86400000, key_id, count(*), max(occurred_at) FROM records
            WHERE kind = 'vend' GROUP BY 1, 2 ORDER BY 1, 2
            """
        #expect(
            try store.rows("SELECT day, key_id, count, last_at FROM usage_daily ORDER BY 1, 2") == store.rows(days)
        )
        let networks = "SELECT day, key_id, sum(count), max(last_at) FROM usage_networks GROUP BY 1, 2 ORDER BY 1, 2"
        #expect(try store.rows(networks) == store.rows(days))
        #expect(try store.audit.firstBrokenRecord() == nil)
    }

    private static func sums(of table: String, _ store: Store) throws -> [String] {
        try store.rows("SELECT key_id, outcome, sum(count), max(last_at) FROM \(table) GROUP BY 1, 2 ORDER BY 1, 2")
    }
}
