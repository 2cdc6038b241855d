import BursarFoundation
import BursarModel
import PostgresStore
import SQLiteStore
import StorageTestSupport
import SystemPackage
import TestSupport
import Testing

@testable import Storage

/// Both engines keep the same: a random history has the same results, records, sums and reports on each.
@Suite struct EqualHistoriesTests {
    /// Acts of the history in `Scripts/test`; `BURSAR_HISTORY_ACTS` sets another number, `BURSAR_HISTORY_SEED` a seed.
    private static let acts = number("BURSAR_HISTORY_ACTS") ?? 5000
    /// Acts between two comparisons of everything.
    private static let step = 500

    private static func number(_ variable: String) -> UInt64? {
        ProcessInfo.processInfo.environment[variable].flatMap { UInt64($0) }
    }

    /// A folder in memory where there is one, since a commit on a disk takes as long as a hundred acts.
    private static let memory = FileManager.default.isWritableFile(atPath: "/dev/shm") ? "/dev/shm" : nil

    @Test func `the same history has the same results, rows and reports on both, and stays so in copies`() async throws
    {
        let seed = Self.number("BURSAR_HISTORY_SEED") ?? UInt64.random(in: .min ... .max)
        let places = TestEngine.allCases.map { TemporaryStore($0, in: Self.memory) }
        var stores: [Store] = []
        for place in places { stores.append(try await place.made()) }
        let history = RandomHistory(stores, seed: seed)
        for act in 1...Self.acts {
            do {
                try await history.step()
            } catch {
                Issue.record("seed \(seed): \(error)")
                return
            }
            guard act.isMultiple(of: UInt64(Self.step)) || act == Self.acts else { continue }
            guard try await expectEqual(history, "seed \(seed), act \(act)") else { return }
        }
        #expect(history.acts.count == 21, "every kind of act occurs: \(history.acts)")
        for store in stores {
            for check in DatabaseCheck.allCases {
                #expect(try store.upkeep.firstFlaw(check) == nil, "seed \(seed), \(store.database.name)")
            }
        }
        try await expectEqualPrints(places[0], stores[1])
        for (place, store) in zip(places, stores) {
            try await expectRoundTrip(of: store, place.engine, through: place.engine == .sqlite ? .postgres : .sqlite)
        }
    }

    /// Returns false if something differs.
    private func expectEqual(_ history: RandomHistory, _ place: String) async throws -> Bool {
        let views = (try await history.views(of: history.stores[0]), try await history.views(of: history.stores[1]))
        for (one, other) in zip(views.0, views.1) where one.text != other.text {
            Issue.record("\(place): \(one.name) differs\n\(Self.difference(one.text, other.text))")
            return false
        }
        let rows = (try RandomHistory.rows(of: history.stores[0]), try RandomHistory.rows(of: history.stores[1]))
        for table in StoredTable.all + StoredTable.single {
            let values = (rows.0[table.name] ?? [], rows.1[table.name] ?? [])
            guard values.0 != values.1 else { continue }
            let start = zip(values.0, values.1).prefix { $0 == $1 }.count / table.columns.count * table.columns.count
            let pair = [values.0, values.1].map { "\($0.dropFirst(start).prefix(table.columns.count))" }
            Issue.record("\(place): \(table.name) differs\n\(pair.joined(separator: "\n"))")
            return false
        }
        return true
    }

    /// Compares what `admin` prints of a file with what it prints of the database on a server.
    ///
    /// That is a copy on a server of its own, since `admin` uses none that doesn't synchronize its disk.
    private func expectEqualPrints(_ file: TemporaryStore, _ store: Store) async throws {
        let cluster = try await PostgresCluster.start()
        let name = try await cluster.makeDatabase()
        let address = try PostgresAddress(parsing: cluster.address(database: name))
        try PostgresDatabase.create(address)
        let transfer = DatabaseTransfer(from: store.database)
        _ = try PostgresDatabase(opening: address, for: .console).write { db in try transfer.run(into: db) }
        let operators = cluster.address(database: name, user: "bursar_admin")
        let here = try await PrintedLists.all(of: file.path, home: file.folder)
        let there = try await PrintedLists.all(of: operators, home: file.folder)
        for (one, other) in zip(here, there) where one.text != other.text {
            Issue.record("\(one.command)\n\(Self.difference(one.text, other.text))")
        }
        #expect(here.reduce(0) { $0 + $1.text.utf8.count } > 100_000)
    }

    private static func difference(_ one: String, _ other: String) -> String {
        let same = zip(one, other).prefix { $0 == $1 }.count
        return [one, other].map { "…" + $0.dropFirst(max(0, same - 120)).prefix(300) }.joined(separator: "\n")
    }

    /// Copies a database to the other engine and back, and compares all rows.
    private func expectRoundTrip(of store: Store, _ engine: TestEngine, through other: TestEngine) async throws {
        let there = TemporaryStore(other, in: Self.memory)
        let back = TemporaryStore(engine, in: Self.memory)
        let (copy, copied) = try await there.copied(from: store)
        let (again, _) = try await back.copied(from: copy)
        let head = try store.audit.chainHead()
        #expect(copied.head.sequence == head.sequence && copied.head.hash == head.hash)
        // The last pruning may have left few of them.
        let left = try await store.database.read { db in try StoredTable.records.count(db) }
        #expect(copied.rows("records") == left)
        #expect(head.sequence > 1000 && copied.rows("keys") > 100)
        for found in [copy, again] {
            #expect(try RandomHistory.haveSameRows(found, store))
            #expect(try found.audit.checkChain() == store.audit.checkChain())
            for check in DatabaseCheck.allCases { #expect(try found.upkeep.firstFlaw(check) == nil) }
        }
    }
}

extension TemporaryStore {
    /// Makes the database as a copy of another one.
    func copied(from source: Store) async throws -> (Store, CopiedDatabase) {
        let transfer = DatabaseTransfer(from: source.database)
        switch engine {
        case .sqlite:
            let copied = try SQLiteDatabase.make(at: FilePath(path), CancellationFlag()) { db in
                let copied = try transfer.run(into: db)
                try transfer.checkSoundness(of: copied, in: db)
                return copied
            }
            return (try await opened(), copied)
        case .postgres:
            let store = try await made()
            let copied = try store.database.write { db in
                let copied = try transfer.run(into: db)
                try transfer.checkSoundness(of: copied, in: db)
                return copied
            }
            return (store, copied)
        }
    }
}
