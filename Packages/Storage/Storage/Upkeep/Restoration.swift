import BursarFiles
package import BursarFoundation
package import BursarModel
import GRDB
package import SystemPackage

/// The result of restoring a backup.
package struct Restoration: Sendable {
    /// The sequence number and time of the backup's last record.
    package let sequence: Int64
    package let last: Date?
    /// Keys that work in the backup and no longer do, or perhaps shouldn't, and keys missing from it.
    package let keys: [RestoredKey]
    /// Researchers who exist only in the database that the backup was compared with.
    package let missingResearchers: [String]
    /// The number of active keys that work as before.
    package let unchanged: Int
}

/// A key whose present state a backup doesn't know.
package struct RestoredKey: Sendable {
    package enum RestoreWarning: String, Sendable {
        /// There was no database to compare with.
        case notCompared = "unknown since the backup"
        case revoked = "revoked since"
        /// Its researcher was disabled since.
        case disabled = "disabled since"
        case missing = "not in the other database"
        case changed = "changed since"
        /// It is unchanged, but another key of the same researcher isn't.
        case shared = "another key of theirs is in doubt"
        /// It exists in the other database only.
        case issued = "issued since"
    }

    /// Its state in the restored database.
    package enum Outcome: String, Sendable {
        case revoked
        /// Its researcher is disabled.
        case disabled
        case active
        case missing
    }

    package let id: KeyID
    package let researcher: String
    package let label: String?
    package let doubt: RestoreWarning
    package let outcome: Outcome
}

extension Store {
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
        comparingWith present: Store?,
        keepsActive: Bool,
        by act: AuditContext,
        _ interruption: CancellationFlag
    ) throws -> Restoration {
        try TemporaryDatabaseFile.checkIsFree(FilePath(path))
        // A running server still uses the earlier file, even if that was removed.
        if try ServerPresence.server(on: path) != nil { throw StoreError.served(path: path) }
        for log in [path + "-wal", path + "-shm"] where (try? FilePath(log).stat()) != nil {
            throw StoreError.logLeft(path: log)
        }
        try PrivateFolder.create(FilePath(path).removingLastComponent())
        let copy = try TemporaryDatabaseFile(for: FilePath(path))
        do {
            try copyBytes(of: backup, to: copy.path, interruption)
            let store = try opened(copy, from: backup, interruption)
            let restoration = try store.reconcile(comparingWith: present, keepsActive: keepsActive, by: act)
            try store.pool.close()
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
    ) throws -> Store {
        let name = backup.string
        do {
            let identity = try FileIdentity(of: copy.path.string)
            let store = try Store(path: copy.path.string, file: identity) { db, _ in
                let applicationID = try Int32.fetchOne(db, sql: "PRAGMA application_id")
                guard applicationID == Schema.applicationID else { throw StoreError.notOurs(path: name) }
                guard try !Schema.migrator.hasBeenSuperseded(db) else { throw StoreError.newer(path: name) }
                try Schema.checkOfItsVersion(db, path: name)
            }
            interruption.onRequest { store.pool.interrupt() }
            if let flaw = try store.firstFlaw(.pages) ?? store.firstFlaw(.references) {
                throw StoreError.damaged(path: name, flaw: flaw)
            }
            try Schema.migrator.migrate(store.pool)
            if let flaw = try store.firstFlaw(.chain) { throw StoreError.damaged(path: name, flaw: flaw) }
            return store
        } catch StoreError.notOurs {
            throw StoreError.notOurs(path: name)
        }
    }

    /// Checks that a backup which ends with `head` is an earlier state of this database, as far as the records show.
    ///
    /// - Throws: ``StoreError/unrelated(path:)``.
    func checkContinues(_ head: Chain) throws {
        let isSame = try read { db in
            if try Chain.pruned(db).sequence > head.sequence || head.sequence == 0 { return true }
            let pruned = try Chain.pruned(db)
            if pruned.sequence == head.sequence { return pruned.head == head.head }
            let hash = try Data.fetchOne(
                db,
                sql: "SELECT hash FROM records WHERE sequence = ?",
                arguments: [head.sequence]
            )
            return hash == Data(head.head)
        }
        if !isSame { throw StoreError.unrelated(path: path) }
    }
}
