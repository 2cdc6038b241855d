import BursarFoundation
import BursarModel
import Spend
import StorageTestSupport
import Testing

@testable import Storage

/// Calls and their prices are the same on both engines, and in a copy.
@Suite struct SpendTransferTests {
    private func filled(_ place: TemporaryStore) async throws -> Store {
        let store = try await place.made()
        try store.addAda()
        let sessions = ["ada", "eve", "Ada"]
        for part in 0..<3 {
            let calls = (0..<400).map { number in
                SpendLog.call(
                    part * 300 + number,
                    session: sessions[number % 3],
                    hours: Double(part * 300 + number),
                    model: "m-\(number % 5)",
                    tokens: TokenCounts(input: Int64(number) * 300, cacheRead: Int64(number))
                )
            }
            try store.ingest(calls)
        }
        _ = try store.ingest().add(SpendLog.batch(quarantined: ["x", "y"]))
        let day = UTCDay(containing: TemporaryStore.now)
        let key = PriceKey(model: "M", region: "us-east-1", routing: .regional, kind: .input)
        let rows = [TokenPrice(units: 7), nil].map {
            PriceRow(key: key, price: $0, effective: day, source: .operator)
        }
        try store.prices.add(rows, detail: "test", by: TemporaryStore.act)
        #expect(try store.prices.setAlias("m-1", to: "M", by: TemporaryStore.act))
        return store
    }

    private func rows(_ store: Store) throws -> [String: [SQLValue]] {
        try store.database.read { db in
            var rows: [String: [SQLValue]] = [:]
            for table in StoredTable.all where table.name.hasPrefix("spend_") {
                try table.forEachPage(db) { rows[table.name, default: []] += $0.values }
            }
            return rows
        }
    }

    @Test func `the same calls leave the same rows on both engines, and in copies of them`() async throws {
        let places = TestEngine.allCases.map { TemporaryStore($0) }
        let stores = [try await filled(places[0]), try await filled(places[1])]
        let (one, other) = (try rows(stores[0]), try rows(stores[1]))
        #expect(one.count == 11)
        for (table, values) in one { #expect(other[table] == values, "\(table)") }
        for (store, engine) in zip(stores, [TestEngine.postgres, .sqlite]) {
            let place = TemporaryStore(engine)
            let (copy, _) = try await place.copied(from: store)
            #expect(try rows(copy) == rows(store))
            #expect(try copy.upkeep.firstFlaw(.rollUps) == nil)
            // The copy knows the calls, and goes on.
            let tally = try copy.ingest([SpendLog.call(1, session: "ada", hours: 1), SpendLog.call(5000, hours: 1)])
            #expect((tally.calls, tally.duplicates) == (1, 1))
        }
    }
}
