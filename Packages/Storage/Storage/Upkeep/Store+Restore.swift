package import BursarCore
import Files
import GRDB
package import SystemPackage

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// What became of a backup that was restored.
package struct Restoration: Sendable {
    /// The number of the backup's last record, and when that was.
    package let sequence: Int64
    package let last: Date?
    /// Keys that the backup would make work again, and why that isn't known to be right.
    package let revived: [RevivedKey]
    /// Active keys that are as they were in the database it was compared with.
    package let unchanged: Int
}

/// A key that works in a backup, and should perhaps not.
package struct RevivedKey: Sendable {
    package enum Doubt: String, Sendable {
        /// Nothing tells what happened to it since.
        case notCompared = "unknown since the backup"
        case revoked = "revoked since"
        case missing = "not in the other database"
        case changed = "changed since"
    }

    package let id: KeyID
    package let researcher: String
    package let label: String?
    package let doubt: Doubt
}

extension Store {
    /// Makes a database out of a backup, where there is none, and records it.
    ///
    /// The backup is only read. An older one is migrated. Keys that it would revive are revoked unless `keepsActive`;
    /// those are all that work in it or would once their researcher is let back in, or, with `present` to compare with,
    /// those that are not exactly so there. Vending stays stopped where `present` has it stopped.
    ///
    /// - Throws: ``StoreProblem`` or `FileFault`; nothing is left then.
    package static func restore(
        _ backup: FilePath,
        to path: String,
        comparingWith present: Store?,
        keepsActive: Bool,
        by act: Act,
        _ interruption: Interruption
    ) throws -> Restoration {
        try UnfinishedCopy.checkIsFree(FilePath(path))
        // A server goes on with the file that was there before, even where that is removed.
        if try ServerPresence.server(on: path) != nil { throw StoreProblem.served(path: path) }
        for log in [path + "-wal", path + "-shm"] where (try? FilePath(log).stat()) != nil {
            throw StoreProblem.logLeft(path: log)
        }
        try PrivateFolder.create(FilePath(path).removingLastComponent())
        let copy = try UnfinishedCopy(for: FilePath(path))
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
            throw StoreProblem(error, path: backup.string)
        }
    }

    private static func copyBytes(
        of backup: FilePath,
        to copy: FilePath,
        _ interruption: Interruption
    ) throws {
        let log = FilePath(backup.string + "-wal")
        if let stat = try? log.stat(), stat.size > 0 { throw StoreProblem.logLeft(path: log.string) }
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
            throw StoreProblem.full
        } catch is Errno {
            throw StoreProblem.notPermitted(path: backup.string)
        }
    }

    /// The copy of a backup as a store of this version, once it was looked through.
    private static func opened(
        _ copy: UnfinishedCopy,
        from backup: FilePath,
        _ interruption: Interruption
    ) throws -> Store {
        let name = backup.string
        do {
            let identity = try FileIdentity(of: copy.path.string)
            let store = try Store(path: copy.path.string, file: identity) { db, _ in
                let applicationID = try Int32.fetchOne(db, sql: "PRAGMA application_id")
                guard applicationID == Schema.applicationID else { throw StoreProblem.notOurs(path: name) }
                guard try !Schema.migrator.hasBeenSuperseded(db) else { throw StoreProblem.newer(path: name) }
            }
            interruption.onRequest { store.pool.interrupt() }
            if let flaw = try store.firstFlaw(.pages) ?? store.firstFlaw(.references) {
                throw StoreProblem.damaged(path: name, flaw: flaw)
            }
            try Schema.migrator.migrate(store.pool)
            if let flaw = try store.firstFlaw(.chain) { throw StoreProblem.damaged(path: name, flaw: flaw) }
            return store
        } catch StoreProblem.notOurs {
            throw StoreProblem.notOurs(path: name)
        }
    }

    /// Revokes what must not work again, and records what was done, all in one transaction.
    private func settle(comparingWith present: Store?, keepsActive: Bool, by act: Act) throws -> Restoration {
        let now = act.date.milliseconds
        let head = try read(Chain.current)
        if let present { try present.checkContinues(head) }
        let known = try present?.keyStates()
        let paused = try present?.pausedSince()
        return try write { db in
            if let paused, try !DirectoryState.current(db).isPaused {
                try db.execute(sql: "UPDATE revision SET paused_at = ?", arguments: [paused.milliseconds])
                try act.record(.vendingPaused, in: db)
            }
            let last = try Int64.fetchOne(db, sql: "SELECT occurred_at FROM records ORDER BY sequence DESC LIMIT 1")
            let open = try KeyState.all(db).filter { $0.isOpen(at: now, comparedWith: known) }
            let revived = open.compactMap { $0.revived(comparedWith: known) }
            let doubted = Set(revived.map(\.id.description))
            if !keepsActive {
                for key in revived {
                    let sql = "UPDATE keys SET revoked_at = ?, revoked_reason = ? WHERE id = ?"
                    try db.execute(sql: sql, arguments: [now, "a backup was restored", key.id.description])
                    try act.record(.keyRevoked, researcher: key.researcher, key: key.id.description, in: db)
                }
            }
            let done = keepsActive ? "kept" : "revoked"
            let detail = "from record \(head.sequence), \(revived.count) keys in doubt \(done)"
            try act.record(.databaseRestored, detail: detail, in: db)
            return Restoration(
                sequence: head.sequence,
                last: last.map(Date.init(milliseconds:)),
                revived: revived,
                unchanged: open.count { $0.isActive(at: now) && !doubted.contains($0.id) }
            )
        }
    }

    /// Makes sure that a backup which ends with `head` is an earlier state of this database, where that can be told.
    private func checkContinues(_ head: Chain) throws {
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
        if !isSame { throw StoreProblem.unrelated(path: path) }
    }

    private func keyStates() throws -> [String: KeyState] {
        try read { db in Dictionary(uniqueKeysWithValues: try KeyState.all(db).map { ($0.id, $0) }) }
    }
}
