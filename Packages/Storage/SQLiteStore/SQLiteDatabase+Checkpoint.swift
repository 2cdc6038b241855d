import GRDB
import Storage
import SystemPackage

extension SQLiteDatabase {
    /// The size of the write-ahead log from which a checkpoint is worthwhile: SQLite's own thousand pages.
    private static let worthwhile: Int64 = 4 << 20
    /// The size from which the writer itself completes the checkpoint, so that the log restarts.
    private static let longest: Int64 = 32 << 20

    /// Turns off automatic checkpoints, which make every thousandth commit a hundred times as long as the others;
    /// ``maintain()`` must be called instead.
    package func beginServing() throws {
        try pool.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA wal_autocheckpoint = 0") }
    }

    /// Checkpoints the log while vends go on; to be called about once a second.
    ///
    /// It uses a connection of its own, which no commit waits for. While commits go on it never reaches the log's end,
    /// so past ``longest`` the writer moves the few pages that were added meanwhile, and the next commit restarts the
    /// log.
    package func maintain() throws {
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

    /// The size of the log's file, which stays the same when the log restarts.
    var logSize: Int64 {
        (try? FilePath(path + "-wal").stat().size).map { Int64($0) } ?? 0
    }
}
