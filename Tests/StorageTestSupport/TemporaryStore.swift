package import BursarFoundation
package import BursarModel
package import GRDB
package import PostgresStore
import SQLiteStore
package import Storage
import Synchronization
package import Vending

/// A database of its own for each test, gone with it; by default on the engine that `BURSAR_TEST_ENGINE` names.
package final class TemporaryStore: Sendable {
    package static let now = Date(timeIntervalSince1970: 1_767_323_045)
    package static let act = AuditContext(actor: "root@desk", date: now)

    package let folder: String
    /// The database's file.
    package let path: String
    package let engine: TestEngine
    /// The database on a PostgreSQL server, once it is made.
    private let address = Mutex<PostgresAddress?>(nil)

    /// `parent` is the folder of a database in a file; nil is the system's for temporary files.
    package init(_ engine: TestEngine = .current, in parent: String? = nil) {
        self.engine = engine
        let name = "bursar-storage-" + String(UInt64.random(in: .min ... .max), radix: 16)
        let parent = parent.map { URL(filePath: $0) } ?? FileManager.default.temporaryDirectory
        folder = parent.appending(component: name).path(percentEncoded: false)
        path = folder + "/state/bursar.sqlite"
    }

    deinit {
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Creates the database.
    package func made() async throws -> Store {
        switch engine {
        case .sqlite: return try Store(creating: path)
        case .postgres:
            let made = try await PostgresTestServer.makeDatabase()
            address.withLock { $0 = made }
            return try await opened()
        }
    }

    /// The address of a database on a PostgreSQL server, for an operator.
    package var postgresAddress: PostgresAddress? { address.withLock(\.self) }

    /// Opens the database as a server's login, whose rights are fewer; a file has one user.
    package func openedByServer() throws -> Store {
        guard let address = address.withLock(\.self) else { return try Store(opening: path) }
        let server = try address.for("bursar_server")
        return Store(try PostgresDatabase(opening: server, for: .server, allowsUnsafe: true))
    }

    /// Opens the database again, as another process would.
    package func opened() async throws -> Store {
        guard let address = address.withLock(\.self) else { return try Store(opening: path) }
        return Store(try PostgresDatabase(opening: address, for: .console, allowsUnsafe: true))
    }
}

/// The engine that the tests of the contract run on.
package enum TestEngine: String, Sendable, CaseIterable {
    case sqlite
    case postgres

    /// The engine that `BURSAR_TEST_ENGINE` names.
    package static let current =
        ProcessInfo.processInfo.environment["BURSAR_TEST_ENGINE"].map { name in
            guard let engine = TestEngine(rawValue: name) else { preconditionFailure("no engine is named \(name)") }
            return engine
        } ?? .sqlite
}

/// A test needs a row that isn't there.
package struct MissingRowError: Error {}

/// A key whose hash is cheap: its strength is not what these tests are about.
package func cheapKey() throws -> (key: ResearcherKey, hash: PasswordHash) {
    var random = SystemRandomNumberGenerator()
    let key = ResearcherKey(using: &random)
    let parameters = Argon2Parameters(memoryKiB: 64, passes: 1, lanes: 1)
    return (key, try PasswordHash(of: key.text, parameters: parameters, using: &random))
}

extension Store {
    /// Adds a researcher.
    package func addAda(_ handle: String = "ada") throws {
        guard let handle = Handle(handle) else { throw MissingRowError() }
        let ada = Researcher(handle: handle, name: "Ada", email: "ada@example.edu", project: "engines")
        guard try administration.add(ada, by: TemporaryStore.act) else { throw MissingRowError() }
    }

    /// Issues a key of ada's that lives for a day.
    package func issueKey(
        to handle: String = "ada",
        label: String? = nil,
        life: TimeInterval = 86_400,
        terms: KeyRestrictions = KeyRestrictions()
    ) throws -> KeyID {
        try issue(to: handle, label: label, life: life, terms: terms).id
    }

    /// Issues a key as ``issueKey(to:label:life:terms:)`` does, and returns its secret too.
    package func issue(
        to handle: String = "ada",
        label: String? = nil,
        life: TimeInterval = 86_400,
        terms: KeyRestrictions = KeyRestrictions()
    ) throws -> ResearcherKey {
        guard let handle = Handle(handle) else { throw MissingRowError() }
        let (key, hash) = try cheapKey()
        let new = NewKey(
            id: key.id,
            hash: hash,
            researcher: handle,
            label: label,
            expires: TemporaryStore.now.addingTimeInterval(life),
            terms: terms
        )
        guard try administration.add(new, by: TemporaryStore.act) != nil else { throw MissingRowError() }
        return key
    }

    /// Returns a vend that was decided from the key's row as it is now.
    package func vend(
        _ id: KeyID,
        _ number: Int = 1,
        dailyLimit: Int = 10_000,
        from address: String = "192.0.2.1"
    ) async throws -> Vend {
        guard let (record, revision) = try await directory.key(id), let address = IPAddress(address) else {
            throw MissingRowError()
        }
        return Vend(
            key: record,
            revision: revision,
            dailyLimit: dailyLimit,
            address: address,
            accessKeyID: "ASIAEXAMPLE\(number)",
            expiration: TemporaryStore.now.addingTimeInterval(3600),
            requestID: "r\(number)"
        )
    }

    /// Returns the use of researchers on the days in `range`.
    package func usageByResearcher(in range: ClosedRange<UTCDay>) throws -> [Usage.Group] {
        try reports.usage(UsageScope(range), .keys).researchers
    }
}

// MARK: SQL of a test's own

extension Store {
    /// Runs one statement in a transaction, under the same triggers and constraints as Bursar's own.
    package func change(_ sql: String, _ arguments: SQLArguments = []) throws {
        try database.write { db in _ = try db.execute(sql, arguments) }
    }

    /// Runs statements past the triggers, which stay as they are: an edit that the schema doesn't show.
    package func edit(_ sql: String) throws {
        if let postgres = database as? PostgresDatabase {
            return try PostgresTestServer.edit(sql, in: postgres)
        }
        try DatabaseQueue(path: database.name).write { db in try db.edit(sql) }
    }

    /// Returns the rows of a query, as text.
    package func rows(_ sql: String) throws -> [String] {
        if let postgres = database as? PostgresDatabase {
            return try PostgresTestServer.rows(sql, in: postgres)
        }
        return try DatabaseQueue(path: database.name).read { db in
            try Row.fetchAll(db, sql: sql).map { row in row.databaseValues.map(\.description).joined(separator: " ") }
        }
    }
}

extension GRDB.Database {
    /// Changes rows past the triggers, and leaves these as they were.
    package func edit(_ sql: String) throws {
        let triggers = try Row.fetchAll(self, sql: "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        for trigger in triggers { try execute(sql: "DROP TRIGGER \(trigger["name"] as String)") }
        try execute(sql: sql)
        for trigger in triggers { try execute(sql: trigger["sql"]) }
    }
}
