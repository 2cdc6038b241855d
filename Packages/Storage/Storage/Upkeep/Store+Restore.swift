import BursarFiles
import BursarFoundation
import GRDB
package import SystemPackage

extension Store {
    /// Makes a database out of a backup, where there is none, and records it.
    ///
    /// The backup is only read. An older one is migrated. What `present` says was revoked or disabled since is so in the
    /// new one. The researchers of all other keys that work in the backup are disabled unless `keepsActive`; with
    /// `present` only of those keys that are not exactly so there.
    ///
    /// - Throws: ``StoreError`` or `FileError`; nothing is left then.
    package static func restore(
        _ backup: FilePath,
        to path: String,
        comparingWith present: Store?,
        keepsActive: Bool,
        by act: AuditContext,
        _ interruption: CancellationFlag
    ) throws -> Restoration {
        try TemporaryDatabaseFile.checkIsFree(FilePath(path))
        // A server goes on with the file that was there before, even where that is removed.
        if try ServerPresence.server(on: path) != nil { throw StoreError.served(path: path) }
        for log in [path + "-wal", path + "-shm"] where (try? FilePath(log).stat()) != nil {
            throw StoreError.logLeft(path: log)
        }
        try PrivateFolder.create(FilePath(path).removingLastComponent())
        let copy = try TemporaryDatabaseFile(for: FilePath(path))
        do {
            try copyBytes(of: backup, to: copy.path, interruption)
            let store = try opened(copy, from: backup, interruption)
            let restoration = try store.settle(comparingWith: present, keepsActive: keepsActive, by: act)
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
        // As with any database: what others could have written isn't taken.
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

    /// The copy of a backup as a store of this version, once it was looked through.
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

    /// Makes sure that a backup which ends with `head` is an earlier state of this database, where that can be told.
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
