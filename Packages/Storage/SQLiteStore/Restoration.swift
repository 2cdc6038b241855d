import BursarFiles
import GRDB
package import Storage
package import SystemPackage

extension SQLiteDatabase {
    /// Creates a database from a backup and records it.
    ///
    /// The backup is only read. An older one is migrated. Revocations and disablings in `present` are applied. The
    /// researchers of all other keys that work in the backup are disabled unless `keepsActive`; with `present`, only
    /// those of keys that differ there.
    ///
    /// - Throws: ``StoreError`` or `FileError`; nothing is left behind.
    package static func restore(
        _ backup: FilePath,
        to path: String,
        comparingWith present: (any Storage.Database)?,
        keepsActive: Bool,
        by act: AuditContext,
        _ interruption: CancellationFlag
    ) throws -> Restoration {
        try checkPlace(FilePath(path))
        try PrivateFolder.create(FilePath(path).removingLastComponent())
        let copy = try TemporaryDatabaseFile(for: FilePath(path))
        do {
            try copyBytes(of: backup, to: copy.path, interruption)
            let restored = try opened(copy, from: backup, interruption)
            let restoration = try Upkeep(restored).reconcile(comparingWith: present, keepsActive: keepsActive, by: act)
            try restored.pool.close()
            try copy.gather()
            try interruption.check()
            try copy.finish()
            return restoration
        } catch {
            copy.remove()
            guard let error = error as? DatabaseError else { throw error }
            throw StoreError(error, path: backup.string)
        }
    }

    private static func copyBytes(
        of backup: FilePath,
        to copy: FilePath,
        _ interruption: CancellationFlag
    ) throws {
        let log = FilePath(backup.string + "-wal")
        if let stat = try? log.stat(), stat.size > 0 { throw StoreError.logLeft(path: log.string) }
        // As for any database, a file that others could have written is refused.
        _ = try FileIdentity(of: backup.string)
        do {
            let source = try FileDescriptor.open(backup, .readOnly, options: [.closeOnExec])
            defer { try? source.close() }
            let target = try FileDescriptor.open(copy, .writeOnly, options: [.closeOnExec])
            defer { try? target.close() }
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
            defer { buffer.deallocate() }
            while true {
                try interruption.check()
                let count = try source.read(into: buffer)
                guard count > 0 else { return }
                try target.writeAll(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            }
        } catch Errno.noSpace {
            throw StoreError.full
        } catch is Errno {
            throw StoreError.notPermitted(path: backup.string)
        }
    }

    /// Checks and migrates the copy of a backup, and opens it.
    private static func opened(
        _ copy: TemporaryDatabaseFile,
        from backup: FilePath,
        _ interruption: CancellationFlag
    ) throws -> SQLiteDatabase {
        let name = backup.string
        do {
            let identity = try FileIdentity(of: copy.path.string)
            let database = try SQLiteDatabase(path: copy.path.string, file: identity) { db, _ in
                let applicationID = try Int32.fetchOne(db, sql: "PRAGMA application_id")
                guard applicationID == Schema.applicationID else { throw StoreError.notOurs(path: name) }
                guard try !Schema.migrator.hasBeenSuperseded(db) else { throw StoreError.newer(path: name) }
                try Schema.checkOfItsVersion(db, path: name)
            }
            interruption.onRequest { database.pool.interrupt() }
            if let flaw = try database.firstFlaw(.pages) ?? database.firstFlaw(.references) {
                throw StoreError.damaged(path: name, flaw: flaw)
            }
            try Schema.migrator.migrate(database.pool)
            if let flaw = try Upkeep(database).firstFlaw(.chain) { throw StoreError.damaged(path: name, flaw: flaw) }
            return database
        } catch StoreError.notOurs {
            throw StoreError.notOurs(path: name)
        }
    }
}
