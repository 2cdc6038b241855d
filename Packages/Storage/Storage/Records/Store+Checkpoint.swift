import GRDB
import SystemPackage

extension Store {
    /// Bytes of the write-ahead log from which on it is worth moving into the database: SQLite's own thousand pages.
    private static let worthwhile: Int64 = 4 << 20
    /// Bytes from which on the writer itself finishes what is left, so that the log starts anew.
    private static let longest: Int64 = 32 << 20

    /// Keeps this connection's commits from moving the log themselves, each thousandth a hundred times as long as the
    /// others; ``checkpoint()`` has to be called instead.
    package func leaveCheckpoints() throws {
        try pool.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA wal_autocheckpoint = 0") }
    }

    /// Moves the log into the database beside the vends; to be called about once a second.
    ///
    /// On a connection of its own, which no commit waits for. While commits go on it never reaches the log's end, so
    /// past ``longest`` the writer moves the few pages that were added meanwhile, and the next commit starts the log
    /// anew.
    package func checkpoint() throws {
        guard logSize > Self.worthwhile else { return }
        try checkIsInPlace()
        do {
            let beside = try DatabaseQueue(path: path)
            try beside.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA wal_checkpoint(PASSIVE)") }
            try beside.close()
            guard logSize > Self.longest else { return }
            try pool.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA wal_checkpoint(PASSIVE)") }
        } catch let error as DatabaseError {
            throw StoreError(error, path: path)
        }
    }

    /// Bytes of the log's file, which keeps its size when the log starts anew.
    var logSize: Int64 {
        (try? FilePath(path + "-wal").stat().size).map { Int64($0) } ?? 0
    }
}
