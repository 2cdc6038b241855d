import BursarFiles
package import BursarFoundation
import GRDB
import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The database: one SQLite file in WAL mode, shared by `admin` and the server.
package final class Store: Sendable {
    package let path: String
    let pool: DatabasePool
    let schema: SchemaPoller
    private let file: FileIdentity

    /// The kind of process that uses the database.
    package enum Use: Sendable {
        /// A server: its vends wait a moment for another process's write, and its reads are small.
        case server
        /// A command: it waits longer and reads much at once. A busy server frees the lock for a moment only, so the
        /// command checks it every millisecond.
        case console
        /// A command that only reads, from a database whose schema may have been altered.
        case examination

        var timeout: Duration { self == .server ? .seconds(1) : .seconds(15) }
        /// The number of reading connections, each with a cache of its own.
        var readers: Int { self == .server ? 2 : 5 }
    }

    /// Opens an existing database.
    ///
    /// - Throws: ``StoreError``.
    package convenience init(opening path: String, for use: Use = .server) throws {
        let files = DatabaseFiles(of: path)
        do {
            // Before SQLite reads a journal that another user may have put there.
            try files.check(for: use)
        } catch {
            throw files.areAnotherProgram ? StoreError.notOurs(path: path) : error
        }
        try self.init(path: path, file: try FileIdentity(of: path), for: use) { db, path in
            let applicationID = try Int32.fetchOne(db, sql: "PRAGMA application_id")
            guard applicationID == Schema.applicationID else { throw StoreError.notOurs(path: path) }
            guard try !Schema.migrator.hasBeenSuperseded(db) else { throw StoreError.newer(path: path) }
            guard try Schema.migrator.hasCompletedMigrations(db) else { throw StoreError.older(path: path) }
            if use != .examination { try Schema.check(db, path: path) }
        }
    }

    /// Creates a new database, readable by its owner only, and the folders above it.
    ///
    /// - Throws: ``StoreError``; files and folders created so far are removed again.
    package convenience init(creating path: String) throws {
        let folders = try Self.makeFile(FilePath(path))
        do {
            // Root creates it for another user, who takes it over.
            if geteuid() != 0 { try DatabaseFiles(of: path).check(for: .server) }
            try self.init(path: path, file: try FileIdentity(of: path)) { _, _ in }
            try Schema.migrator.migrate(pool)
        } catch {
            for name in [path, path + "-wal", path + "-shm"] { try? PrivateFile.remove(FilePath(name)) }
            folders.forEach(PrivateFolder.removeIfEmpty)
            throw error as? StoreError ?? StoreError(error, path: path)
        }
    }

    /// Creates an empty file.
    ///
    /// - Returns: the folders that were created for it, the deepest first.
    /// - Throws: ``StoreError``, or `FileError` if no file can be private there.
    private static func makeFile(_ file: FilePath) throws -> [FilePath] {
        let folders = PrivateFolder.missing(file.removingLastComponent())
        if let traits = FolderTraits.try(file.removingLastComponent()) {
            guard traits.hasRecordLocks else { throw StoreError.unsuitable(path: file.string, lack: "locks (fcntl)") }
            guard traits.synchronizes else { throw StoreError.unsuitable(path: file.string, lack: "fsync") }
        }
        do throws(FileError) {
            try PrivateFolder.create(file.removingLastComponent())
            try PrivateFile.create(file, [])
            return folders
        } catch {
            folders.forEach(PrivateFolder.removeIfEmpty)
            switch error.reason {
            case .system(.fileExists): throw StoreError.exists(path: file.string)
            case .system(.noSpace), .system(.diskQuotaExceeded): throw StoreError.full
            case .system(.permissionDenied), .system(.notPermitted):
                throw StoreError.notPermitted(path: file.string)
            default: throw error
            }
        }
    }

    init(
        path: String,
        file: FileIdentity,
        for use: Use = .server,
        check: (Database, _ path: String) throws -> Void
    ) throws {
        var configuration = Configuration()
        configuration.label = "bursar"
        configuration.maximumReaderCount = use.readers
        let milliseconds = Int(use.timeout / .milliseconds(1))
        configuration.busyMode = .callback { tries in
            usleep(1000)
            return tries < milliseconds
        }
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA trusted_schema = OFF")
        }
        self.path = path
        self.file = file
        schema = SchemaPoller(path: path)
        do {
            pool = try DatabasePool(path: path, configuration: configuration)
            try pool.writeWithoutTransaction { db in
                try check(db, path)
                // Credentials are handed out once their record is on disk. GRDB sets NORMAL for WAL, which syncs at
                // checkpoints only, so a power failure would lose the commits since.
                try db.execute(sql: "PRAGMA synchronous = FULL")
            }
        } catch let problem as StoreError {
            throw problem
        } catch {
            throw StoreError(error, path: path)
        }
    }

    /// Migrates an older database to this version's schema, after copying it beside itself, readable by its owner only.
    ///
    /// - Returns: the copy's path; nil if there was nothing to do.
    /// - Throws: ``StoreError``; the database stays as it was.
    package static func migrate(_ path: String, at date: Date) throws -> String? {
        let store = try Store(path: path, file: try FileIdentity(of: path)) { db, path in
            let applicationID = try Int32.fetchOne(db, sql: "PRAGMA application_id")
            guard applicationID == Schema.applicationID else { throw StoreError.notOurs(path: path) }
            guard try !Schema.migrator.hasBeenSuperseded(db) else { throw StoreError.newer(path: path) }
            try Schema.checkOfItsVersion(db, path: path)
        }
        guard try store.pool.read({ db in try !Schema.migrator.hasCompletedMigrations(db) }) else { return nil }
        let copy = path + ".before-\(date.milliseconds)"
        do {
            try FileDescriptor.open(
                FilePath(copy),
                .readWrite,
                options: [.create, .exclusiveCreate, .closeOnExec],
                permissions: .ownerReadWrite
            ).close()
            // An empty file is a database without tables, which this fills.
            try store.pool.writeWithoutTransaction { db in try db.execute(sql: "VACUUM INTO ?", arguments: [copy]) }
            try store.rehearse(on: FilePath(copy))
            try Schema.migrator.migrate(store.pool)
            try store.read { db in try store.schema.check(db) }
        } catch let error as DatabaseError {
            throw StoreError(error, path: path)
        } catch is Errno {
            throw StoreError.notPermitted(path: copy)
        }
        return copy
    }

    /// Migrates a temporary copy of `copy` if several steps are due: each is a transaction by itself, so that a failure
    /// of a later step would leave the earlier ones done.
    private func rehearse(on copy: FilePath) throws {
        let due = try read { db in
            Schema.migrator.migrations.count - (try Schema.migrator.appliedIdentifiers(db)).count
        }
        guard due > 1 else { return }
        let trial = try TemporaryDatabaseFile(for: FilePath(copy.string + ".trial"))
        defer { trial.remove() }
        let queue = try DatabaseQueue(path: copy.string)
        try queue.writeWithoutTransaction { db in
            try db.execute(sql: "VACUUM INTO ?", arguments: [trial.path.string])
        }
        try Schema.migrator.migrate(DatabaseQueue(path: trial.path.string))
    }

    /// Checks that the path still leads to the file that was opened.
    ///
    /// A file that was moved away or replaced by a restore would still accept writes, which would be lost.
    ///
    /// - Throws: ``StoreError/replaced(path:)``.
    func checkIsInPlace() throws(StoreError) {
        guard (try? FileIdentity(of: path)) == file else { throw .replaced(path: path) }
    }

    /// Runs `change` in one immediate transaction, if the schema is Bursar's.
    func write<Value: Sendable>(_ change: @Sendable (Database) throws -> Value) throws -> Value {
        try checkIsInPlace()
        do {
            return try pool.writeWithoutTransaction { db in
                var value: Value?
                try db.inTransaction(.immediate) {
                    try schema.check(db)
                    value = try change(db)
                    return .commit
                }
                guard let value else { throw StoreError.unavailable(cause: "the transaction gave no value") }
                return value
            }
        } catch let error as DatabaseError {
            throw StoreError(error, path: path)
        }
    }

    /// Writes a vend's rows and rolls them back, then overwrites a filler larger than a vend, durably.
    func probe() throws {
        try write { db in
            try db.inSavepoint {
                var chain = try Chain.current(db)
                try chain.append(RecordEntry(kind: .vend, occurred: 0), to: db)
                try db.change("INSERT INTO usage_daily VALUES (0, '', 'probe', 1, 0)")
                try db.change("INSERT INTO usage_networks VALUES (0, '', 'probe', 1, 0)")
                try db.change("INSERT INTO usage_totals VALUES (0, 'probe', 1, 0)")
                return .rollback
            }
            try db.change("UPDATE probe SET filler = randomblob(32768)")
        }
    }

    func read<Value: Sendable>(_ fetch: @Sendable (Database) throws -> Value) throws -> Value {
        do {
            return try pool.read(fetch)
        } catch let error as DatabaseError {
            throw StoreError(error, path: path)
        }
    }
}
