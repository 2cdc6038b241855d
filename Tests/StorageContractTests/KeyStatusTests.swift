import BursarFoundation
import BursarModel
import StorageTestSupport
import Testing
import Vending

@testable import Storage

/// The one answer to "does this key work?", as a function and as SQL.
@Suite struct KeyStatusTests {
    private let store: Store
    private let place = TemporaryStore()
    private let now = TemporaryStore.now

    init() async throws {
        store = try await place.made()
    }

    /// Moments around `now`: just over, this moment, and not yet.
    private static let offsets: [TimeInterval] = [-0.001, 0, 0.001]

    private struct Row {
        let isRevoked: Bool
        let isCanary: Bool
        let expires: TimeInterval
        let isDisabled: Bool
        let ends: TimeInterval?
        let purpose: String

        static var all: [Row] {
            var rows: [Row] = []
            for isRevoked in [false, true] {
                for isCanary in [false, true] {
                    for isDisabled in [false, true] {
                        for purpose in ["research", "selftest"] {
                            for expires in offsets {
                                for ends in offsets + [nil] {
                                    rows.append(
                                        Row(
                                            isRevoked: isRevoked,
                                            isCanary: isCanary,
                                            expires: expires,
                                            isDisabled: isDisabled,
                                            ends: ends,
                                            purpose: purpose
                                        )
                                    )
                                }
                            }
                        }
                    }
                }
            }
            return rows
        }

        /// Written out once more, so that a change of the function shows.
        var expected: KeyStatus {
            switch (isRevoked, isCanary, expires > 0, isDisabled, ends.map { $0 > 0 } ?? true) {
            case (true, _, _, _, _): .revoked
            case (false, true, _, _, _): .canary
            case (false, false, false, _, _): .expired
            case (false, false, true, true, _): .disabled
            case (false, false, true, false, false): .ended
            case (false, false, true, false, true): .active
            }
        }
    }

    /// A researcher of their own for each key, both written past the functions that check what they are given.
    private func insert(_ row: Row, _ number: Int, _ db: any Transaction) throws -> KeyID {
        let (key, hash) = try cheapKey()
        let handle = "r\(1000 + number)"
        try db.execute(
            """
            INSERT INTO researchers (handle, name, email, project, purpose, created_at, disabled_at, ends_at)
            VALUES (?, 'N', 'n@x', 'p', ?, 0, ?, ?)
            """,
            [
                handle, row.purpose, row.isDisabled ? 1 as Int? : nil, row.ends.map { (now + $0).milliseconds },
            ]
        )
        try db.execute(
            """
            INSERT INTO keys (id, researcher, hash, created_at, expires_at, revoked_at, canary)
            VALUES (?, ?, ?, 0, ?, ?, ?)
            """,
            [
                key.id.description, handle, hash.phc, (now + row.expires).milliseconds, row.isRevoked ? 1 as Int? : nil,
                row.isCanary,
            ]
        )
        return key.id
    }

    @Test func `lists, the server, restores and SQL agree about every combination`() throws {
        let rows = Row.all
        let ids = try store.database.write { db in try rows.enumerated().map { try insert($1, $0, db) } }
        try store.database.read { db in
            for (row, id) in zip(rows, ids) {
                let key = try #require(try StoredKey.fetch(id, db))
                let record = try key.record()
                #expect(record.status(at: now) == row.expected, "\(row)")
                #expect(record.refusal(at: now) == (row.isCanary ? .keyInvalid : row.expected.refusal), "\(row)")
                #expect(key.status(at: now) == row.expected, "\(row)")
                let sql = """
                    SELECT \(KeyStatus.sql(at: now)) AS value FROM keys JOIN researchers ON handle = researcher WHERE id = ?
                    """
                let status: String? = try db.value(sql, [id.description])
                #expect(status == row.expected.rawValue, "\(row)")
            }
        }
        let active = rows.count { $0.expected == .active && $0.purpose == "research" }
        #expect(active > 0)
        #expect(try store.upkeep.facts(at: now).activeKeys == active)
        let listed = try store.lists.listedResearchers(at: now)
        #expect(listed.reduce(0) { $0 + $1.activeKeys } == active)
        let inForce = rows.count { KeyStatus.inForce.contains($0.expected) && $0.purpose == "research" }
        #expect(listed.reduce(0) { $0 + $1.keysInForce } == inForce)
    }

    @Test func `only an active key is not refused`() {
        #expect(KeyStatus.allCases.filter { $0.refusal == nil } == [.active])
    }
}
