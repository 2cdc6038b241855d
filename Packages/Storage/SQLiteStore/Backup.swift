import BursarFiles
import BursarFoundation
import GRDB
package import Storage
package import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A finished backup.
package struct Backup: Sendable {
    /// The sequence number of its last record.
    package let sequence: Int64
    package let bytes: Int64
}

extension SQLiteDatabase {
    /// Pages between two pauses: a MiB.
    private static let step: CInt = 256
    /// Steps between two waits for the disk.
    private static let stepsPerWait = 4
    /// The shortest and longest pause between two steps.
    private static let pauses = (least: Duration.milliseconds(10), most: Duration.milliseconds(200))

    /// Copies the database to a new file while it is in use, and checks the copy.
    ///
    /// The beginning is recorded first, so that the copy includes it, and the end at the end. The copy is one state of
    /// the database, whatever is written meanwhile. It is made in small steps with pauses twice as long as a step, and
    /// synced to disk as it grows, since a commit's `fsync` waits for the pages that others have left to be written.
    ///
    /// - Throws: ``StoreError``, or `FileError`; nothing is left behind but a record of the failure.
    package func backUp(to target: FilePath, by act: AuditContext, _ interruption: CancellationFlag) throws -> Backup {
        try Self.backUp(self, to: target, by: act, interruption) { copy in
            let head = try self.copy(to: copy.path, interruption)
            try copy.gather()
            try copy.verify(head: head, interruption)
            return head.sequence
        }
    }

    /// Copies a database of another engine, row by row, to a new file that is a database of Bursar's by itself.
    ///
    /// It is recorded as ``backUp(to:by:_:)`` is, and is one state of the database too.
    ///
    /// - Throws: ``StoreError``, or `FileError`; nothing is left behind but a record of the failure.
    package static func backUp(
        _ source: any Storage.Database,
        to target: FilePath,
        by act: AuditContext,
        _ interruption: CancellationFlag,
        progress: @escaping @Sendable (_ step: DatabaseTransfer.Step, _ rows: Int64, _ of: Int64) -> Void = { _, _, _ in
        }
    ) throws -> Backup {
        try backUp(source, to: target, by: act, interruption) { copy in
            let transfer = DatabaseTransfer(from: source, interruption, progress: progress)
            let copied = try copy.fill { db in try transfer.run(into: db) }
            try copy.verify(head: nil, interruption)
            return copied.head.sequence
        }
    }

    /// Makes a backup by `copy`, which returns the sequence number of its last record, and records its beginning and end.
    private static func backUp(
        _ source: any Storage.Database,
        to target: FilePath,
        by act: AuditContext,
        _ interruption: CancellationFlag,
        copy body: (TemporaryDatabaseFile) throws -> Int64
    ) throws -> Backup {
        let copy = try TemporaryDatabaseFile(for: target)
        do {
            try source.write { db in try act.record(.databaseBackedUp, detail: BackupRecord.begun, in: db) }
        } catch {
            copy.remove()
            throw error
        }
        do {
            let sequence = try body(copy)
            try interruption.check()
            try copy.finish()
            try source.write { db in try act.record(.databaseBackedUp, in: db) }
            let size = (try? target.stat().size).map { Int64($0) } ?? 0
            return Backup(sequence: sequence, bytes: size)
        } catch {
            copy.remove()
            try? source.write { db in try act.record(.databaseBackedUp, detail: BackupRecord.failed, in: db) }
            guard let error = error as? DatabaseError else { throw error }
            throw StoreError(error, path: source.name)
        }
    }

    /// Makes a new database in a file from what `fill` writes to it, which is there as a whole or not at all.
    ///
    /// - Throws: ``StoreError``, `FileError`, or what `fill` throws; nothing is left behind.
    package static func make<Value>(
        at target: FilePath,
        _ interruption: CancellationFlag,
        _ fill: (any Transaction) throws -> Value
    ) throws -> Value {
        try checkPlace(target)
        try PrivateFolder.create(target.removingLastComponent())
        let copy = try TemporaryDatabaseFile(for: target)
        do {
            let value = try copy.fill(fill)
            try copy.verify(head: nil, interruption)
            try interruption.check()
            try copy.finish()
            return value
        } catch {
            copy.remove()
            guard let error = error as? DatabaseError else { throw error }
            throw StoreError(error, path: target.string)
        }
    }

    /// Checks that a database can be put at `path`: there is none, no log of one, and no server.
    static func checkPlace(_ path: FilePath) throws {
        try TemporaryDatabaseFile.checkIsFree(path)
        // A running server still uses the earlier file, even if that was removed.
        if try ServerPresence.server(on: path.string) != nil { throw StoreError.served(path: path.string) }
        for log in [path.string + "-wal", path.string + "-shm"] where (try? FilePath(log).stat()) != nil {
            throw StoreError.logLeft(path: log)
        }
    }

    private func copy(to copy: FilePath, _ interruption: CancellationFlag) throws -> Chain {
        let file = try FileDescriptor.open(copy, .readWrite, options: [.closeOnExec])
        defer { try? file.close() }
        var configuration = Configuration()
        configuration.prepareDatabase { db in
            // The file counts only once it is complete.
            try db.execute(sql: "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
        }
        let queue = try DatabaseQueue(path: copy.string, configuration: configuration)
        let clock = ContinuousClock()
        return try pool.read { db in
            // From here on this connection sees one state, so that other writes don't restart the copy.
            let head = try Chain.current(SQLiteTransaction(db, schema))
            try queue.writeWithoutTransaction { target in
                var steps = 0
                var start = clock.now
                try db.backup(to: target, pagesPerStep: Self.step) { _ in
                    try interruption.check()
                    steps += 1
                    if steps.isMultiple(of: Self.stepsPerWait) { fsync(file.rawValue) }
                    let pause = min(max((clock.now - start) * 2, Self.pauses.least), Self.pauses.most)
                    usleep(UInt32(pause / .microseconds(1)))
                    start = clock.now
                }
            }
            try queue.close()
            return head
        }
    }
}
