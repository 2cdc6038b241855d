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
    /// The detail of the record of a backup that has begun.
    ///
    /// The backup counts once another record reports its end, so one whose process was killed never does.
    static let begunBackup = "begun"
    /// The detail of the record of a backup that failed.
    static let failedBackup = "failed"
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
        let copy = try TemporaryDatabaseFile(for: target)
        do {
            try write { db in try act.record(.databaseBackedUp, detail: Self.begunBackup, in: db) }
        } catch {
            copy.remove()
            throw error
        }
        do {
            let head = try self.copy(to: copy.path, interruption)
            try copy.gather()
            try copy.verify(head: head, interruption)
            try interruption.check()
            try copy.finish()
            try write { db in try act.record(.databaseBackedUp, in: db) }
            let size = (try? target.stat().size).map { Int64($0) } ?? 0
            return Backup(sequence: head.sequence, bytes: size)
        } catch {
            copy.remove()
            try? write { db in try act.record(.databaseBackedUp, detail: Self.failedBackup, in: db) }
            guard let error = error as? DatabaseError else { throw error }
            throw StoreError(error, path: path)
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
