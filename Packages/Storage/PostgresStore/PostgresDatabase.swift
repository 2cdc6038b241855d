package import BursarFoundation
import Dispatch
package import Storage
import Synchronization

/// A database in PostgreSQL, shared by servers and operators on several machines.
package final class PostgresDatabase: Storage.Database {
    package let address: PostgresAddress
    private let pool: ConnectionPool
    private let schema: PostgresSchemaPoller
    private let continuity: Continuity
    /// The server's clock; nil if callers date commits.
    private let clock: SharedClock?
    private let presence = ServerPresenceRow()
    private let patience: Duration
    private let threads = DispatchQueue(label: "bursar.postgres", attributes: .concurrent)

    /// Opens an existing database.
    ///
    /// - Parameters:
    ///   - address: the server's and the database's.
    ///   - password: the source of what the server asks for.
    ///   - use: the kind of process that opens it.
    ///   - connections: the most connections at once; nil is 4 for a server, 2 for a command.
    ///   - allowsUnsafe: accepts a server that doesn't synchronize its disk; for tests.
    ///   - now: this machine's clock: the server's dates commits in its place, and a difference is reported. With nil,
    ///     callers date them.
    ///   - report: receives a line when the database can't be reached any more, when it is back, when the clocks differ,
    ///     and when a record that was committed is missing.
    /// - Throws: ``StoreError``.
    package init(
        opening address: PostgresAddress,
        password: PostgresPassword = .none,
        for use: DatabaseUse = .server,
        connections: Int? = nil,
        allowsUnsafe: Bool = false,
        now: (@Sendable () -> Date)? = nil,
        report: @escaping @Sendable (String) -> Void = { _ in }
    ) throws {
        let (name, opening) = (address.description, Opening())
        let continuity = Continuity { fault in
            report("\(name): \(fault); nothing is vended until an operator restarts this")
        }
        self.address = address
        self.continuity = continuity
        patience = use.patience
        clock = now.map(SharedClock.init)
        schema = PostgresSchemaPoller(name: name)
        pool = ConnectionPool(
            size: connections ?? use.size,
            patience: use.limits.lock,
            report: { error in
                // An error of the opening is thrown, and a record that is missing is reported once.
                guard opening.isOver else { return }
                if case .discontinued = error { return }
                report(error.map { "\(name): \($0)" } ?? "\(name): connected again")
            },
            connect: { [clock] () throws(PostgresError) in
                try continuity.checkIsSound()
                let connection = try PostgresConnection(
                    to: address,
                    password: password,
                    limits: use.limits,
                    allowsUnsafe: allowsUnsafe
                )
                if let clock, let difference = clock.compare(with: try connection.clock()) {
                    report("\(name): the server's clock is \(difference) of this machine's")
                }
                try continuity.check(connection)
                return connection
            }
        )
        try mapped {
            try pool.withConnection { connection in
                try PostgresSchema.checkVersion(connection, name: name)
                if use != .examination { try schema.check(connection) }
                continuity.acknowledge(try connection.run([Continuity.head])[0].rows)
            }
        }
        opening.end()
    }

    /// Makes roles, schema and tables in an empty database, by a user who owns it and may make roles.
    ///
    /// - Throws: ``StoreError``; nothing was made then.
    package static func create(
        _ address: PostgresAddress,
        password: PostgresPassword = .none,
        allowsUnsafe: Bool = false
    ) throws {
        try withConnection(to: address, password, allowsUnsafe) { connection in
            guard try PostgresSchema.state(of: connection) == .empty else {
                throw StoreError.exists(path: address.description)
            }
            try PostgresSchema.create(connection)
        }
    }

    /// Migrates an older database to this version's schema, while servers go on.
    ///
    /// - Returns: false if there was nothing to do.
    /// - Throws: ``StoreError``; the steps before the one that failed are done.
    package static func migrate(
        _ address: PostgresAddress,
        password: PostgresPassword = .none,
        allowsUnsafe: Bool = false
    ) throws -> Bool {
        try withConnection(to: address, password, allowsUnsafe) { connection in
            switch try PostgresSchema.state(of: connection) {
            case .empty: throw StoreError.missing(path: address.description)
            case .foreign: throw StoreError.notOurs(path: address.description)
            case .version(let version, _) where version > PostgresSchema.versions.count:
                throw StoreError.newer(path: address.description)
            case .version(let version, _):
                guard version < PostgresSchema.versions.count else { return false }
                try PostgresSchema.migrate(connection, from: version)
                return true
            }
        }
    }

    private static func withConnection<Value>(
        to address: PostgresAddress,
        _ password: PostgresPassword,
        _ allowsUnsafe: Bool,
        _ body: (PostgresConnection) throws -> Value
    ) throws -> Value {
        do {
            let connection = try PostgresConnection(
                to: address,
                password: password,
                limits: .console,
                allowsUnsafe: allowsUnsafe
            )
            return try body(connection)
        } catch let error as PostgresError {
            throw StoreError(error, name: address.description)
        }
    }

    package var name: String { address.description }

    /// Checks that no record which was committed here has been found missing.
    ///
    /// - Throws: ``StoreError/discontinued(path:known:found:)``.
    package func checkIsInPlace() throws(StoreError) {
        do throws(PostgresError) {
            try continuity.checkIsSound()
        } catch {
            throw StoreError(error, name: name)
        }
    }

    /// Runs `change` in one transaction that no other writer's overlaps; a second time if the first attempt soon turned out
    /// to have changed nothing because of the connection.
    package func write<Value>(_ change: (any Transaction) throws -> Value) throws -> Value {
        try mapped {
            let end = ContinuousClock.now + patience
            do {
                return try attempt(change)
            } catch let error as PostgresError where error.remedy == .retryOnce && .now < end {
                return try attempt(change)
            }
        }
    }

    private func attempt<Value>(_ change: (any Transaction) throws -> Value) throws -> Value {
        try pool.withConnection { connection in
            let check = try continuity.begin(on: connection)
            let transaction = PostgresTransaction(connection, schema)
            let isContinued = QueuedStatement(check.query) { [continuity] result throws(PostgresError) in
                try continuity.finish(check, result.rows, on: connection)
            }
            return try connection.write(
                opening: [transaction.lock(clock), isContinued],
                closing: Continuity.head,
                committed: { continuity.acknowledge($0) },
                { try change(transaction) }
            )
        }
    }

    /// Runs `fetch` on one state of the database; a second time if the first connection ended before it gave a row.
    package func read<Value>(_ fetch: (any Transaction) throws -> Value) throws -> Value {
        try mapped {
            var hasHandedOut = false
            let end = ContinuousClock.now + patience
            do {
                return try attemptToRead(fetch, &hasHandedOut)
            } catch let error as PostgresError where error.remedy == .retryOnce && !hasHandedOut && .now < end {
                return try attemptToRead(fetch, &hasHandedOut)
            }
        }
    }

    package func read<Value: Sendable>(
        _ fetch: @escaping @Sendable (any Transaction) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            threads.async {
                continuation.resume(with: Result { try self.read { db in try fetch(db) } })
            }
        }
    }

    private func attemptToRead<Value>(
        _ fetch: (any Transaction) throws -> Value,
        _ hasHandedOut: inout Bool
    ) throws -> Value {
        try pool.withConnection { connection in
            let transaction = PostgresTransaction(connection, schema)
            defer { hasHandedOut = transaction.hasHandedOut }
            return try connection.read { try fetch(transaction) }
        }
    }

    /// Runs `body` with a connection, outside of a transaction.
    func withConnection<Value>(_ body: (PostgresConnection) throws -> Value) throws -> Value {
        try pool.withConnection(body)
    }

    private func mapped<Value>(_ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let error as PostgresError {
            throw StoreError(error, name: address.description)
        }
    }
}

extension PostgresDatabase {
    package var clockOffset: TimeInterval { clock?.offset ?? 0 }

    package func beginServing() throws {
        try maintain()
    }

    /// Tells other programs that this server runs.
    package func maintain() throws {
        try mapped {
            try presence.announce { statement in
                try pool.withConnection { connection in _ = try connection.run([statement]) }
            }
        }
    }

    /// True: the free space of a server isn't known, and a full disk is an error of the write itself.
    ///
    /// The records of refusals stay bounded for each key and hour.
    package func hasRoom(beyond reserve: Double) throws -> Bool { true }

    package var freeBytes: Int64? { nil }

    package func size() throws -> (database: Int64, log: Int64) {
        let size: Int64? = try read { db in
            try db.value("SELECT pg_database_size(current_database()) AS value")
        }
        return (size ?? 0, 0)
    }

    package func schemaVersion() throws -> Int {
        try read { db in try db.value("SELECT max(version) AS value FROM schema_versions") ?? 0 }
    }

    package func firstFlaw(_ check: EngineCheck) throws -> String? {
        try mapped {
            try pool.withConnection { connection in
                switch check {
                case .schema: try StoredPostgresSchema(connection).difference
                case .quick, .pages: try Self.firstChecksumFlaw(connection)
                case .references: try Self.firstDanglingReference(connection)
                }
            }
        }
    }

    /// The pages are the server's; it counts those that it read with a wrong checksum, if it has any.
    private static func firstChecksumFlaw(_ connection: PostgresConnection) throws -> String? {
        let sql = """
            SELECT coalesce(checksum_failures, 0) FROM pg_stat_database WHERE datname = current_database()
            """
        let failures = try connection.run([PostgresStatement(sql)]).first?.rows.first?.integer(0) ?? 0
        return failures == 0 ? nil : "the server has read \(failures) pages with a wrong checksum"
    }

    /// The server keeps references; they are broken where its triggers were disabled.
    private static func firstDanglingReference(_ connection: PostgresConnection) throws -> String? {
        let sql = """
            SELECT 'keys refers to one of researchers' FROM keys
                WHERE NOT EXISTS (SELECT FROM researchers WHERE handle = researcher)
            UNION ALL SELECT 'keys refers to one of keys' FROM keys AS one WHERE replaced_by IS NOT NULL
                AND NOT EXISTS (SELECT FROM keys AS other WHERE other.id = one.replaced_by)
            UNION ALL SELECT 'key_projects refers to one of keys' FROM key_projects
                WHERE NOT EXISTS (SELECT FROM keys WHERE id = key_id)
            UNION ALL SELECT 'researcher_projects refers to one of researchers' FROM researcher_projects
                WHERE NOT EXISTS (SELECT FROM researchers WHERE handle = researcher)
            LIMIT 1
            """
        guard case .text(let reference) = try connection.run([PostgresStatement(sql)]).first?.rows.first?.value(0)
        else {
            return nil
        }
        return "a row of \(reference) that isn't there"
    }
}

extension DatabaseUse {
    fileprivate var limits: ConnectionLimits { self == .server ? .server : .console }

    /// The number of connections.
    fileprivate var size: Int { self == .server ? 4 : 2 }

    /// The time after which an attempt that failed is not repeated: a vend's caller has his answer by then.
    fileprivate var patience: Duration { self == .server ? Recorder.timeout : .seconds(30) }
}

extension StoreError {
    /// Maps an error of the connection or the server; `name` is the address without a secret.
    init(_ error: PostgresError, name: String) {
        func unusable(_ part: ServerPart) -> Self {
            .unusable(path: name, cause: error.description, hint: error.hint ?? "", part: part)
        }
        switch error {
        case .unreachable, .busy, .lost, .canceled: self = .unreachable(path: name, cause: error.description)
        case .libraryMissing: self = unusable(.library)
        case .password, .noPassword, .authentication: self = unusable(.login)
        case .untrusted: self = unusable(.certificate)
        case .unsuitable(.standby), .unsuitable(.formerPrimary), .readOnly: self = unusable(.standby)
        case .unsuitable: self = unusable(.engine)
        case .tooManyConnections: self = unusable(.capacity)
        case .missingDatabase: self = unusable(.database)
        case .full: self = .full
        case .locked: self = .locked
        case .notPermitted(let detail): self = .denied(path: name, cause: detail)
        case .unsure(let detail): self = .unsure(cause: detail)
        case .discontinued(let known, let found): self = .discontinued(path: name, known: known, found: found)
        case .conflict, .failed, .skipped, .unreadable: self = .unavailable(cause: error.description)
        }
    }
}

/// The time until a database has been opened.
private final class Opening: Sendable {
    private let state = Mutex(false)

    var isOver: Bool { state.withLock { $0 } }

    func end() {
        state.withLock { $0 = true }
    }
}
