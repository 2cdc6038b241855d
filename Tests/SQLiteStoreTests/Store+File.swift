import GRDB
import StorageTestSupport
import Testing

@testable import SQLiteStore
@testable import Storage

extension TemporaryStore {
    func file() throws -> Store { try Store(creating: path) }
}

extension Store {
    /// The file behind it.
    var file: SQLiteDatabase {
        guard let file = database as? SQLiteDatabase else { preconditionFailure("the store is in no file") }
        return file
    }

    var pool: DatabasePool { file.pool }

    /// Changes rows as a program would that speaks SQL, in a transaction of the store's.
    func write<Value>(_ change: (GRDB.Database) throws -> Value) throws -> Value {
        try file.write { transaction in try change(#require(transaction as? SQLiteTransaction).db) }
    }

    func read<Value>(_ fetch: (GRDB.Database) throws -> Value) throws -> Value {
        try pool.read(fetch)
    }

    /// Lets the database grow no further than it is.
    func fill() throws {
        try pool.writeWithoutTransaction { db in
            let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            try db.execute(sql: "PRAGMA max_page_count = \(pages)")
        }
    }
}

extension GRDB.Database {
    /// The transaction that this connection is in, as the store sees it.
    var transaction: any Transaction { SQLiteTransaction(self, SchemaPoller(path: "")) }
}
