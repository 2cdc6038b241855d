import BursarFoundation
import BursarModel
import GRDB
import Testing
import Vending

@testable import SQLiteStore
@testable import Storage

/// A database of its own for each test, gone with it.
final class TemporaryStore: Sendable {
    static let now = Date(timeIntervalSince1970: 1_767_323_045)
    static let act = AuditContext(actor: "root@desk", date: now)

    let folder: String
    let path: String

    init() {
        let name = "bursar-storage-" + String(UInt64.random(in: .min ... .max), radix: 16)
        folder = FileManager.default.temporaryDirectory.appending(component: name).path(percentEncoded: false)
        path = folder + "/state/bursar.sqlite"
    }

    deinit {
        try? FileManager.default.removeItem(atPath: folder)
    }

    func made() throws -> Store {
        try Store(creating: path)
    }
}

/// A key whose hash is cheap: its strength is not what these tests are about.
func cheapKey() throws -> (key: ResearcherKey, hash: PasswordHash) {
    var random = SystemRandomNumberGenerator()
    let key = ResearcherKey(using: &random)
    let parameters = Argon2Parameters(memoryKiB: 64, passes: 1, lanes: 1)
    return (key, try PasswordHash(of: key.text, parameters: parameters, using: &random))
}

extension GRDB.Database {
    /// The transaction that this connection is in, as the store sees it.
    var transaction: any Transaction { SQLiteTransaction(self, SchemaPoller(path: "")) }

    /// Changes what triggers protect, and leaves these as they were: an edit that the schema doesn't show.
    func edit(_ sql: String) throws {
        let triggers = try Row.fetchAll(self, sql: "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        for trigger in triggers { try execute(sql: "DROP TRIGGER \(trigger[0] as String)") }
        try execute(sql: sql)
        for trigger in triggers { try execute(sql: trigger[1]) }
    }
}

extension Store {
    /// The file behind it.
    var file: SQLiteDatabase {
        guard let file = database as? SQLiteDatabase else { preconditionFailure("the store is in no file") }
        return file
    }

    var pool: DatabasePool { file.pool }

    /// Changes rows as a program would that speaks SQL, in a transaction of the store's.
    func write<Value>(_ change: (GRDB.Database) throws -> Value) throws -> Value {
        try file.write { transaction in try change(#require(transaction as? SQLiteTransaction).db) }
    }

    func read<Value>(_ fetch: (GRDB.Database) throws -> Value) throws -> Value {
        try pool.read(fetch)
    }

    func addAda(_ handle: String = "ada") throws {
        let handle = try #require(Handle(handle))
        let ada = Researcher(handle: handle, name: "Ada", email: "ada@example.edu", project: "engines")
        #expect(try administration.add(ada, by: TemporaryStore.act))
    }

    /// A key of ada's that lives for a day.
    func issueKey(
        to handle: String = "ada",
        label: String? = nil,
        life: TimeInterval = 86_400,
        terms: KeyRestrictions = KeyRestrictions()
    ) throws -> KeyID {
        try issue(to: handle, label: label, life: life, terms: terms).id
    }

    /// The same, with its secret.
    func issue(
        to handle: String = "ada",
        label: String? = nil,
        life: TimeInterval = 86_400,
        terms: KeyRestrictions = KeyRestrictions()
    ) throws -> ResearcherKey {
        let (key, hash) = try cheapKey()
        let end = TemporaryStore.now.addingTimeInterval(life)
        let researcher = try administration.add(
            NewKey(
                id: key.id,
                hash: hash,
                researcher: try #require(Handle(handle)),
                label: label,
                expires: end,
                terms: terms
            ),
            by: TemporaryStore.act
        )
        #expect(researcher != nil)
        return key
    }

    /// The rows of a query, as text.
    func rows(_ sql: String) throws -> [String] {
        try read { db in
            try Row.fetchAll(db, sql: sql).map { row in row.databaseValues.map(\.description).joined(separator: " ") }
        }
    }

    /// A vend decided from the key's row as it is now.
    func vend(
        _ id: KeyID,
        _ number: Int = 1,
        dailyLimit: Int = 10_000,
        from address: String = "192.0.2.1"
    ) async throws -> Vend {
        let (record, revision) = try #require(try await directory.key(id))
        return Vend(
            key: record,
            revision: revision,
            dailyLimit: dailyLimit,
            address: try #require(IPAddress(address)),
            accessKeyID: "ASIAEXAMPLE\(number)",
            expiration: TemporaryStore.now.addingTimeInterval(3600),
            requestID: "r\(number)"
        )
    }
}

extension Store {
    /// What researchers did on the days in `range`.
    func usageByResearcher(in range: ClosedRange<UTCDay>) throws -> [Usage.Group] {
        try reports.usage(UsageScope(range), .keys).researchers
    }
}
