import BursarFoundation
import BursarModel
import PostgresStore
import SQLiteStore
import StorageTestSupport
import SystemPackage
import TestSupport
import Testing
import Vending

@testable import Storage

/// After a restore, a later state gives back what it forbids, and nothing that it allows.
@Suite struct LaterStateTests {
    private typealias Kind = LaterState.Difference.Kind

    /// A database, a snapshot of it to be gone on with, and the copy of the later one.
    private final class Fork {
        let place: TemporaryStore
        let restored: TemporaryStore
        private let copy = TemporaryStore(.sqlite)
        let live: Store
        private(set) var store: Store
        let act = AuditContext(actor: "root@desk", date: TemporaryStore.now + 60)

        /// `prepare` fills the database before the snapshot.
        init(_ engine: TestEngine, _ prepare: (Store) throws -> Void) async throws {
            (place, restored) = (TemporaryStore(.sqlite), TemporaryStore(engine))
            live = try await place.made()
            try live.addAda()
            try prepare(live)
            (store, _) = try await restored.copied(from: live)
        }

        /// The later state, in a file.
        func later() async throws -> Store {
            try await copy.copied(from: live).0
        }

        func kinds(_ later: Store) throws -> [String] {
            try store.upkeep.laterState(of: later.database, at: act.date).differences.map(\.kind.rawValue)
        }

        func takeOver(_ later: Store) throws -> LaterState {
            try store.upkeep.takeOverRestrictions(of: later.database, by: act)
        }
    }

    private let ada: Handle
    private let later: AuditContext

    init() throws {
        ada = try #require(Handle("ada"))
        later = AuditContext(actor: "eve@desk", date: TemporaryStore.now + 30)
    }

    @Test func `another project of a key, and so perhaps another role, is left to the operator`() async throws {
        var keys: [KeyID] = []
        let fork = try await Fork(.sqlite) { store in keys.append(try store.issueKey(life: 90 * 86_400)) }
        var change = KeyChange()
        change.project = "looms"
        _ = try fork.live.administration.update(keys[0], change, by: later) { _, _ in }
        let copy = try await fork.later()
        #expect(try fork.kinds(copy) == [Kind.changed.rawValue])
        _ = try fork.takeOver(copy)
        #expect(try fork.store.lists.key(keys[0])?.project == "engines")
    }

    @Test(arguments: TestEngine.allCases)
    func `revocations, ends, disablings, ended sessions and the pause come back, each on record`(
        _ engine: TestEngine
    ) async throws {
        var keys: [KeyID] = []
        let fork = try await Fork(engine) { store in
            for _ in 0..<4 { keys.append(try store.issueKey(life: 90 * 86_400)) }
            try store.addAda("bob")
            try store.addAda("eve")
        }
        let (live, store) = (fork.live, fork.store)
        _ = try live.administration.revokeKey(keys[0], reason: "stolen", by: later)
        let (new, hash) = try cheapKey()
        let ends = TemporaryStore.now + 50 * 86_400
        _ = try live.administration.rotate(keys[1], to: new.id, hash: hash, overlap: 600, by: later) { _ in ends }
        var change = KeyChange()
        change.expires = TemporaryStore.now + 86_400
        _ = try live.administration.update(keys[2], change, by: later) { _, _ in }
        var restriction = KeyChange()
        restriction.dailyLimit = .set(5)
        _ = try live.administration.update(keys[3], restriction, by: later) { _, _ in }
        _ = try live.administration.disable(#require(Handle("bob")), reason: "left", by: later)
        var stay = ResearcherChange()
        stay.ends = .set(TemporaryStore.now + 86_400)
        _ = try live.administration.update(#require(Handle("eve")), stay, by: later)
        _ = try live.administration.endSessions(of: ada, by: later) { TemporaryStore.now + 31 }
        _ = try live.administration.pause(by: later)
        try live.addAda("new")
        let copy = try await fork.later()

        let expected: Set<String> = Set(
            [.paused, .revoked, .rotated, .expires, .disabled, .ends, .sessionsEnded, .changed, .issued, .added]
                .map { (kind: Kind) in kind.rawValue }
        )
        let before = try store.audit.chainHead()
        #expect(Set(try fork.kinds(copy)) == expected)
        #expect(try store.audit.chainHead() == before, "a preview changes nothing")
        let taken = try fork.takeOver(copy)
        #expect(taken.restrictions.count == 7)

        let found = Dictionary(uniqueKeysWithValues: try store.lists.keys().map { ($0.id, $0) })
        #expect(found[keys[0]]?.revoked == later.date)
        #expect(found[keys[0]]?.revokedReason == "stolen")
        #expect(found[keys[1]]?.expires == later.date + 600)
        #expect(found[keys[2]]?.expires == TemporaryStore.now + 86_400)
        #expect(try found[keys[3]]?.terms.dailyLimit == nil, "what it allows is left to the operator")
        #expect(found[new.id] == nil)
        let people = try store.lists.listedResearchers(at: fork.act.date)
        #expect(people.first { $0.researcher.handle.description == "bob" }?.disabledReason == "left")
        let eve = people.first { $0.researcher.handle.description == "eve" }
        #expect(eve?.researcher.ends == TemporaryStore.now + 86_400)
        #expect(try store.lists.pausedSince() == later.date)
        let record = try await store.directory.key(keys[3])
        #expect(record?.record.owner.sessionsValidFrom == TemporaryStore.now + 31)
        let kinds = try store.rows("SELECT kind FROM records WHERE sequence > \(before.sequence) ORDER BY sequence")
        #expect(
            kinds.map { $0.replacing("\"", with: "") }.sorted() == [
                "database_restored", "key_revoked", "key_updated", "key_updated", "researcher_disabled",
                "researcher_updated", "sessions_ended", "vending_paused",
            ]
        )
        #expect(try store.audit.checkChain().fault == nil)

        let head = try store.audit.chainHead()
        #expect(try fork.takeOver(copy).restrictions.isEmpty, "a second time there is nothing left")
        #expect(try store.audit.chainHead() == head)
    }

    @Test(arguments: TestEngine.allCases)
    func `what is revoked or decided here since stays`(_ engine: TestEngine) async throws {
        var keys: [KeyID] = []
        let fork = try await Fork(engine) { store in
            for _ in 0..<3 { keys.append(try store.issueKey(life: 90 * 86_400)) }
            _ = try store.administration.disable(#require(Handle("ada")), reason: "early", by: TemporaryStore.act)
            _ = try store.administration.pause(by: TemporaryStore.act)
        }
        let store = fork.store
        _ = try store.administration.enable([ada], by: fork.act)
        _ = try store.administration.resume(by: fork.act)
        _ = try store.administration.revokeKey(keys[0], reason: "here", by: fork.act)
        var longer = KeyChange()
        longer.expires = TemporaryStore.now + 100 * 86_400
        _ = try store.administration.update(keys[1], longer, by: fork.act) { _, _ in }
        var shorter = KeyChange()
        shorter.expires = TemporaryStore.now + 86_400
        _ = try fork.live.administration.update(keys[1], shorter, by: later) { _, _ in }
        let copy = try await fork.later()
        let head = try store.audit.chainHead()
        let state = try fork.takeOver(copy)
        #expect(state.restrictions.isEmpty)
        #expect(state.differences.count { $0.kind == .contradicted } == 3, "\(state.differences.map(\.kind))")
        #expect(try store.audit.chainHead() == head)
        #expect(try store.lists.key(keys[0])?.revokedReason == "here")
        #expect(try store.lists.pausedSince() == nil)
    }

    @Test func `another database, and one whose records don't hold, are refused`() async throws {
        let fork = try await Fork(.postgres) { store in _ = try store.issueKey() }
        let other = TemporaryStore(.sqlite)
        let stranger = try await other.made()
        try stranger.addAda("mallory")
        #expect(throws: StoreError.unrelated(path: other.path)) { try fork.takeOver(stranger) }
        let copy = try await fork.later()
        try copy.edit("UPDATE records SET actor = 'eve' WHERE sequence = 1")
        do {
            _ = try fork.takeOver(copy)
            Issue.record("taken over in spite of a forged record")
        } catch StoreError.damaged(_, let flaw) {
            #expect(flaw.contains("record 1"))
        }
        #expect(try fork.store.audit.chainHead().sequence == 2)
    }

    @Test func `the last common record is found however far both went on`() async throws {
        for (here, there) in [(0, 0), (0, 5), (5, 0), (3, 40), (40, 3)] {
            let fork = try await Fork(.sqlite) { store in for _ in 0..<9 { _ = try store.issueKey() } }
            for _ in 0..<here { _ = try fork.store.issueKey() }
            for _ in 0..<there { _ = try fork.live.issueKey() }
            let copy = try await fork.later()
            let state = try fork.store.upkeep.laterState(of: copy.database, at: fork.act.date)
            #expect(state.common == 10)
            #expect(state.last == (10 + Int64(here), 10 + Int64(there)))
            #expect(state.restrictions.isEmpty)
        }
    }
}
