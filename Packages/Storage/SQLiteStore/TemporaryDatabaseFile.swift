import BursarFiles
import BursarFoundation
import GRDB
import Storage
import SystemPackage

/// A temporary database file, private and uniquely named, renamed into place once complete.
struct TemporaryDatabaseFile {
    let path: FilePath
    private let target: FilePath

    /// Creates an empty file in the folder of `target`, after removing the files of killed runs there.
    ///
    /// - Throws: ``StoreError/exists(path:)`` if `target` exists.
    init(for target: FilePath) throws {
        self.target = target
        try Self.checkIsFree(target)
        let folder = target.removingLastComponent()
        AbandonedFiles.remove(from: folder, at: Date())
        do throws(FileError) {
            path = try PrivateFile.createUnfinished(in: folder)
        } catch {
            switch error.reason {
            case .system(.noSpace), .system(.diskQuotaExceeded): throw StoreError.full
            case .modesNotKept, .ownersNotKept, .system(.readOnlyFileSystem): throw FileError(target, error.reason)
            default: throw StoreError.notPermitted(path: target.string)
            }
        }
    }

    /// Makes the tables of this version, and has `fill` write rows in one transaction.
    ///
    /// The file counts only once it is complete, so that there is no journal to undo a part of it.
    func fill<Value>(_ fill: (any Transaction) throws -> Value) throws -> Value {
        var configuration = Configuration()
        configuration.prepareDatabase { db in
            try db.execute(
                sql: """
                    PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -32768;
                    PRAGMA trusted_schema = OFF
                    """
            )
        }
        let queue = try DatabaseQueue(path: path.string, configuration: configuration)
        try Schema.migrator.migrate(queue)
        let poller = SchemaPoller(path: target.string)
        let value = try queue.writeWithoutTransaction { db -> Value in
            var value: Value?
            try db.inTransaction(.exclusive) {
                value = try fill(SQLiteTransaction(db, poller))
                try poller.check(db)
                return .commit
            }
            guard let value else { throw StoreError.unavailable(cause: "the transaction gave no value") }
            return value
        }
        try queue.close()
        return value
    }

    /// Makes it one file without a write-ahead log; no connection may be open.
    func gather() throws {
        let queue = try DatabaseQueue(path: path.string)
        let mode = try queue.writeWithoutTransaction { db in
            try String.fetchOne(db, sql: "PRAGMA journal_mode = DELETE")
        }
        try queue.close()
        guard mode == "delete" else { throw StoreError.unavailable(cause: "the copy keeps a log beside it") }
    }

    /// Renames it to the target once it is completely on disk; of two with the same target, one fails.
    func finish() throws {
        let descriptor = try FileDescriptor.open(path, .readWrite, options: [.closeOnExec])
        defer { try? descriptor.close() }
        do {
            try PrivateFile.publish(descriptor, at: path, as: target)
        } catch  where error.reason == .system(.fileExists) {
            throw StoreError.exists(path: target.string)
        }
    }

    func remove() {
        for name in [path.string, path.string + "-wal", path.string + "-shm", path.string + "-journal"] {
            try? PrivateFile.remove(FilePath(name))
        }
    }

    /// Checks that `path` doesn't exist, not even as a broken link.
    static func checkIsFree(_ path: FilePath) throws(StoreError) {
        guard (try? path.stat(followTargetSymlink: false)) == nil else { throw .exists(path: path.string) }
    }

    /// Runs SQLite's full check, and checks references and the chain's head, if one is expected.
    ///
    /// - Throws: ``StoreError/damaged(path:flaw:)`` with the target's path.
    func verify(head: Chain?, _ interruption: CancellationFlag) throws {
        var configuration = Configuration()
        configuration.readonly = true
        let queue = try DatabaseQueue(path: path.string, configuration: configuration)
        interruption.onRequest { queue.interrupt() }
        let flaw = try queue.read { db -> String? in
            if let flaw = try FileCheck.firstPageFlaw(db) { return flaw }
            if let flaw = try FileCheck.firstDanglingReference(db) { return flaw }
            guard let head else { return nil }
            let copied = try Chain.current(SQLiteTransaction(db, SchemaPoller(path: path.string)))
            return copied.sequence == head.sequence && copied.head == head.head ? nil : "its last record is another one"
        }
        if let flaw { throw StoreError.damaged(path: target.string, flaw: flaw) }
    }
}
