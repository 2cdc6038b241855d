import BursarFiles
package import BursarFoundation
import GRDB
package import Storage
import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A database in one SQLite file in WAL mode, shared by `admin` and the server.
package final class SQLiteDatabase: Storage.Database {
    package let path: String
    let pool: DatabasePool
    let schema: SchemaPoller
    private let file: FileIdentity

    /// Opens an existing database.
    ///
    /// - Throws: ``StoreError``.
    package convenience init(opening path: String, for use: DatabaseUse = .server) throws {
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
        for use: DatabaseUse = .server,
        check: (GRDB.Database, _ path: String) throws -> Void
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
        let database = try SQLiteDatabase(path: path, file: try FileIdentity(of: path)) { db, path in
            let applicationID = try Int32.fetchOne(db, sql: "PRAGMA application_id")
            guard applicationID == Schema.applicationID else { throw StoreError.notOurs(path: path) }
            guard try !Schema.migrator.hasBeenSuperseded(db) else { throw StoreError.newer(path: path) }
            try Schema.checkOfItsVersion(db, path: path)
        }
        guard try database.pool.read({ db in try !Schema.migrator.hasCompletedMigrations(db) }) else { return nil }
        let copy = path + ".before-\(date.milliseconds)"
        do {
            try FileDescriptor.open(
                FilePath(copy),
                .readWrite,
                options: [.create, .exclusiveCreate, .closeOnExec],
                permissions: .ownerReadWrite
            ).close()
            // An empty file is a database without tables, which this fills.
            try database.pool.writeWithoutTransaction { db in try db.execute(sql: "VACUUM INTO ?", arguments: [copy]) }
            try database.rehearse(on: FilePath(copy))
            try Schema.migrator.migrate(database.pool)
            try database.pool.read { db in try database.schema.check(db) }
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
        let due = try pool.read { db in
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

    package var name: String { path }

    /// Checks that the path still leads to the file that was opened.
    ///
    /// A file that was moved away or replaced by a restore would still accept writes, which would be lost.
    ///
    /// - Throws: ``StoreError/replaced(path:)``.
    package func checkIsInPlace() throws(StoreError) {
        guard (try? FileIdentity(of: path)) == file else { throw .replaced(path: path) }
    }

    /// Runs `change` in one immediate transaction, if the schema is Bursar's.
    package func write<Value>(_ change: (any Transaction) throws -> Value) throws -> Value {
        try checkIsInPlace()
        do {
            return try pool.writeWithoutTransaction { db in
                var value: Value?
                try db.inTransaction(.immediate) {
                    try schema.check(db)
                    value = try change(SQLiteTransaction(db, schema))
                    return .commit
                }
                guard let value else { throw StoreError.unavailable(cause: "the transaction gave no value") }
                return value
            }
        } catch let error as DatabaseError {
            throw StoreError(error, path: path)
        }
    }

    package func read<Value>(_ fetch: (any Transaction) throws -> Value) throws -> Value {
        do {
            return try pool.read { db in try fetch(SQLiteTransaction(db, schema)) }
        } catch let error as DatabaseError {
            throw StoreError(error, path: path)
        }
    }

    package func read<Value: Sendable>(
        _ fetch: @escaping @Sendable (any Transaction) throws -> Value
    ) async throws -> Value {
        try await pool.read { [schema] db in try fetch(SQLiteTransaction(db, schema)) }
    }
}

extension SQLiteDatabase {
    package var freeBytes: Int64? {
        guard let free = FreeSpace(path) else { return nil }
        return Int64(clamping: free.blocks.multipliedReportingOverflow(by: free.blockSize).partialValue)
    }

    package func size() throws -> (database: Int64, log: Int64) {
        ((try? FilePath(path).stat().size).map { Int64($0) } ?? 0, logSize)
    }

    package func schemaVersion() throws -> Int {
        try pool.read { db in try Schema.migrator.appliedIdentifiers(db).count }
    }

    package func hasRoom(beyond reserve: Double) throws -> Bool {
        // On the writing connection, since the limit is per connection.
        let (used, limit) = try pool.writeWithoutTransaction { db in
            let size = Double(try Int64.fetchOne(db, sql: "PRAGMA page_size") ?? 0)
            let count = Double(try Int64.fetchOne(db, sql: "PRAGMA page_count") ?? 0)
            return (count * size, Double(try Int64.fetchOne(db, sql: "PRAGMA max_page_count") ?? 0) * size)
        }
        guard let free = FreeSpace(path) else { return false }
        let room = min(used + Double(free.blocks) * Double(free.blockSize), limit)
        return room - used > room * reserve
    }

    package func firstFlaw(_ check: EngineCheck) throws -> String? {
        do {
            return try pool.read { db in
                switch check {
                case .quick: try FileCheck.firstQuickFlaw(db)
                case .schema: try Schema.difference(db)
                case .pages: try FileCheck.firstPageFlaw(db)
                case .references: try FileCheck.firstDanglingReference(db)
                }
            }
        } catch let error as DatabaseError {
            throw StoreError(error, path: path)
        }
    }
}

/// SQLite's own checks of a file.
enum FileCheck {
    /// Runs SQLite's check of every page and index.
    static func firstPageFlaw(_ db: GRDB.Database) throws -> String? {
        let word = try String.fetchOne(db, sql: "PRAGMA integrity_check(1)")
        return word == "ok" ? nil : word ?? "no answer"
    }

    /// Runs SQLite's check of every page, without that of indexes against tables.
    static func firstQuickFlaw(_ db: GRDB.Database) throws -> String? {
        let word = try String.fetchOne(db, sql: "PRAGMA quick_check(1)")
        return word == "ok" ? nil : word ?? "no answer"
    }

    static func firstDanglingReference(_ db: GRDB.Database) throws -> String? {
        guard let row = try Row.fetchOne(db, sql: "PRAGMA foreign_key_check") else { return nil }
        let (table, parent): (String, String) = (row["table"], row["parent"])
        return "a row of \(table) refers to one of \(parent) that isn't there"
    }
}

/// The free space of a file's disk, for users other than root.
private struct FreeSpace {
    let blocks: UInt64
    let blockSize: UInt64

    init?(_ path: String) {
        var disk = statvfs()
        guard statvfs(path, &disk) == 0 else { return nil }
        (blocks, blockSize) = (UInt64(disk.f_bavail), UInt64(disk.f_frsize))
    }
}

extension DatabaseUse {
    /// The wait for another process's write.
    ///
    /// A busy server frees the lock for a moment only, so a command tries every millisecond.
    fileprivate var timeout: Duration { self == .server ? .seconds(1) : .seconds(15) }

    /// The number of reading connections, each with a cache of its own.
    fileprivate var readers: Int { self == .server ? 2 : 5 }
}

extension Store {
    /// Opens an existing database in a file.
    package init(opening path: String, for use: DatabaseUse = .server) throws {
        self.init(try SQLiteDatabase(opening: path, for: use))
    }

    /// Creates a new database in a file, as ``SQLiteDatabase/init(creating:)`` does.
    package init(creating path: String) throws {
        self.init(try SQLiteDatabase(creating: path))
    }
}

extension StoreError {
    /// Maps SQLite's result code.
    init(_ error: any Error, path: String) {
        guard let error = error as? DatabaseError else {
            self = error as? StoreError ?? .unavailable(cause: "\(error)")
            return
        }
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED: self = .locked
        case .SQLITE_FULL: self = .full
        case .SQLITE_INTERRUPT: self = .interrupted
        case .SQLITE_IOERR: self = .broken(cause: error.message ?? "input or output error")
        case .SQLITE_NOTADB, .SQLITE_CORRUPT: self = .notOurs(path: path)
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_CANTOPEN: self = .notPermitted(path: path)
        default: self = .unavailable(cause: error.message ?? "SQLite error \(error.resultCode.rawValue)")
        }
    }
}
