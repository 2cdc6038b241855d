import BursarFoundation
import BursarModel
import Spend
import StorageTestSupport
import Synchronization
import TestSupport
import Testing

@testable import Storage

/// A year's calls, delivered late, twice, in no order and with interruptions, to two programs that ask for overlapping
/// windows: nothing is lost, and nothing counts double.
@Suite struct SpendDeliveryTests {
    private static let calls = 20_000
    private static let days = 365

    /// A database whose writes fail now and then, before the commit or after it.
    private struct FaultyDatabase: Storage.Database {
        struct Fault: Error {}

        let inner: any Storage.Database
        private let random: Generator

        final class Generator: Sendable {
            private let state: Mutex<SeededGenerator>

            init(seed: UInt64) {
                state = Mutex(SeededGenerator(seed: seed))
            }

            func isFault() -> Bool {
                state.withLock { Int.random(in: 0..<12, using: &$0) == 0 }
            }
        }

        init(_ inner: any Storage.Database, seed: UInt64) {
            self.inner = inner
            random = Generator(seed: seed)
        }

        var name: String { inner.name }
        var freeBytes: Int64? { inner.freeBytes }

        func write<Value>(_ change: (any Transaction) throws -> Value) throws -> Value {
            let value = try inner.write { db in
                let value = try change(db)
                if random.isFault() { throw Fault() }
                return value
            }
            if random.isFault() { throw Fault() }
            return value
        }

        func read<Value>(_ fetch: (any Transaction) throws -> Value) throws -> Value { try inner.read(fetch) }

        func read<Value: Sendable>(
            _ fetch: @escaping @Sendable (any Transaction) throws -> Value
        ) async throws -> Value {
            try await inner.read(fetch)
        }

        func checkIsInPlace() throws(StoreError) { try inner.checkIsInPlace() }
        func beginServing() throws { try inner.beginServing() }
        func maintain() throws { try inner.maintain() }
        func hasRoom(beyond reserve: Double) throws -> Bool { try inner.hasRoom(beyond: reserve) }
        func size() throws -> (database: Int64, log: Int64) { try inner.size() }
        func schemaVersion() throws -> Int { try inner.schemaVersion() }
        func firstFlaw(_ check: EngineCheck) throws -> String? { try inner.firstFlaw(check) }
    }

    /// A call, and when its record can be had first.
    private struct Delivery: Sendable {
        let call: LoggedCall
        let arrival: Int64
    }

    private static func deliveries(_ sessions: [String], _ random: inout SeededGenerator) -> [Delivery] {
        let models = ["anthropic.claude-sonnet-4-6", "us.anthropic.claude-sonnet-4-6", "amazon.nova-lite-v1:0", "x.y"]
        return (0..<calls).map { number in
            let hours = Double(number) * Double(days * 24) / Double(calls)
            let call = SpendLog.call(
                number,
                session: sessions[Int.random(in: 0..<sessions.count, using: &random)],
                hours: hours + Double.random(in: 0..<1, using: &random),
                model: models[Int.random(in: 0..<models.count, using: &random)],
                region: number.isMultiple(of: 3) ? "us-west-2" : "us-east-1",
                tokens: TokenCounts(
                    input: .random(in: 0...5000, using: &random),
                    output: .random(in: 0...500, using: &random),
                    cacheRead: .random(in: 0...150_000, using: &random),
                    cacheWrite: .random(in: 0...100_000, using: &random)
                )
            )
            let minutes: Int64 =
                switch Int.random(in: 0..<100, using: &random) {
                case 0: 25
                case 1: 150
                case 2: 2 * 24 * 60
                default: .random(in: 1...4, using: &random)
                }
            return Delivery(call: call, arrival: call.time + minutes * 60_000)
        }
    }

    /// Asks for windows that overlap, one after another, and again after a fault.
    private static func run(_ store: Store, _ deliveries: [Delivery], seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let database = FaultyDatabase(store.database, seed: seed)
        let ingest = SpendIngest(database, roles: [SpendLog.role]) {
            TemporaryStore.now.addingTimeInterval(TimeInterval(days) * 86_400)
        }
        let first = TemporaryStore.now.milliseconds
        let hour: Int64 = 3_600_000
        var now = first
        while now < first + Int64(days + 4) * 24 * hour {
            now += Int64.random(in: 12...48, using: &random) * hour
            // Three days back: the latest record comes two days late.
            let window = deliveries.filter { $0.arrival <= now && $0.call.time > now - 5 * 24 * hour }
                .map(\.call).shuffled(using: &random)
            var rest = window[...]
            while !rest.isEmpty {
                let batch = SpendLog.batch(Array(rest.prefix(700)))
                while true {
                    do {
                        _ = try ingest.add(batch)
                        break
                    } catch is FaultyDatabase.Fault {}
                }
                rest = rest.dropFirst(700)
            }
        }
    }

    /// The counts by day, owner, region and model.
    private static func counts(in store: Store) throws -> [String: [Int64]] {
        var found: [String: [Int64]] = [:]
        try store.database.read { db in
            try db.forEach(
                """
                SELECT day, name, key_id, region, model, CAST(sum(calls) AS bigint) AS calls,
                    CAST(sum(input) AS bigint) AS input, CAST(sum(output) AS bigint) AS output,
                    CAST(sum(cache_read) AS bigint) AS cache_read, CAST(sum(cache_write) AS bigint) AS cache_write
                FROM spend_daily JOIN spend_owners ON spend_owners.id = owner JOIN spend_meters ON spend_meters.id = meter
                GROUP BY day, name, key_id, region, model
                """
            ) { row in
                let (day, name, key): (Int64, String, String) = (try row["day"], try row["name"], try row["key_id"])
                let (region, model): (String, String) = (try row["region"], try row["model"])
                found["\(day) \(name) \(key) \(region) \(model)"] = try SpendColumns.counts.map { try row[$0] }
            }
        }
        return found
    }

    @Test func `each call counts once, for its owner, day and model`() async throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SeededGenerator(seed: seed)
        let place = TemporaryStore()
        let store = try await place.made()
        try store.addAda()
        try store.addAda("Bob")
        let keys = [try store.issueKey(life: 400 * 86_400), try store.issueKey(to: "Bob", life: 400 * 86_400)]
        let sessions = ["ada", "ADA+\(keys[0])", "bob", "Bob+\(keys[1])", "ada+\(keys[1])", "eve"]
        let deliveries = Self.deliveries(sessions, &random)
        let other = try await place.opened()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, writer) in [store, other].enumerated() {
                let seed = UInt64.random(in: .min ... .max, using: &random)
                group.addTask { try Self.run(writer, deliveries, seed: seed &+ UInt64(number)) }
            }
            try await group.waitForAll()
        }
        let owners = [
            "ada": ("ada", ""), "ADA+\(keys[0])": ("ada", "\(keys[0])"), "bob": ("Bob", ""),
            "Bob+\(keys[1])": ("Bob", "\(keys[1])"),
        ]
        var expected: [String: [Int64]] = [:]
        for call in deliveries.map(\.call) {
            let session = try #require(call.caller?.split(separator: "/").last.map(String.init))
            let (name, key) = owners[session] ?? ("bursar-bedrock", "")
            let day = call.time / 86_400_000
            let place = "\(day) \(name) \(key) \(call.region) \(call.modelID)"
            let counts = [1] + TokenClass.allCases.map { call.tokens[$0] }
            expected[place] = zip(expected[place] ?? [0, 0, 0, 0, 0], counts).map { $0 + $1 }
        }
        let found = try Self.counts(in: store)
        #expect(found == expected, "seed \(seed)")
        for check in DatabaseCheck.allCases { #expect(try store.upkeep.firstFlaw(check) == nil, "seed \(seed)") }
    }
}
