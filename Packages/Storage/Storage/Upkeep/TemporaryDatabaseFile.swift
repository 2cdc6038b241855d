import BursarFiles
import BursarFoundation
import GRDB
import SystemPackage

/// A database file in the making: private, under a name of its own, until it is whole.
struct TemporaryDatabaseFile {
    let path: FilePath
    private let target: FilePath

    /// An empty file beside where the whole one is to be.
    ///
    /// - Throws: ``StoreError/exists(path:)`` when there is something at `target` already.
    /// What killed runs left there goes before.
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

    /// Makes it one file by itself, with nothing of it in a log; nobody may have it open.
    func gather() throws {
        let queue = try DatabaseQueue(path: path.string)
        let mode = try queue.writeWithoutTransaction { db in
            try String.fetchOne(db, sql: "PRAGMA journal_mode = DELETE")
        }
        try queue.close()
        guard mode == "delete" else { throw StoreError.unavailable(cause: "the copy keeps a log beside it") }
    }

    /// Gives it its name, once it is on disk as a whole; of two that want the same name, one gets it.
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

    /// A link that leads nowhere counts as something, too.
    static func checkIsFree(_ path: FilePath) throws(StoreError) {
        guard (try? path.stat(followTargetSymlink: false)) == nil else { throw .exists(path: path.string) }
    }

    /// SQLite's whole check, references, and the chain's head where one is expected.
    ///
    /// - Throws: ``StoreError/damaged(path:flaw:)``, with the name the file is to have.
    func verify(head: Chain?, _ interruption: CancellationFlag) throws {
        var configuration = Configuration()
        configuration.readonly = true
        let queue = try DatabaseQueue(path: path.string, configuration: configuration)
        interruption.onRequest { queue.interrupt() }
        let flaw = try queue.read { db -> String? in
            if let flaw = try DatabaseCheck.firstPageFlaw(db) { return flaw }
            if let flaw = try DatabaseCheck.firstDanglingReference(db) { return flaw }
            guard let head else { return nil }
            let copied = try Chain.current(db)
            return copied.sequence == head.sequence && copied.head == head.head ? nil : "its last record is another one"
        }
        if let flaw { throw StoreError.damaged(path: target.string, flaw: flaw) }
    }
}
