import GRDB

extension Database {
    /// Runs an INSERT, UPDATE or DELETE that has to change exactly so many rows.
    ///
    /// Without an error SQLite skips a row where a trigger says so; what was to be written must not be missing unseen.
    ///
    /// - Throws: ``StoreError/unavailable(cause:)`` when it changes fewer or more; the transaction is to be undone.
    func change(_ sql: String, _ arguments: StatementArguments = StatementArguments(), rows: Int = 1) throws {
        let statement = try cachedStatement(sql: sql)
        try statement.execute(arguments: arguments)
        guard changesCount == rows else {
            let words = sql.split(whereSeparator: \.isWhitespace).prefix(3).joined(separator: " ")
            throw StoreError.unavailable(cause: "\(words) changed \(changesCount) rows where \(rows) should change")
        }
    }

    /// The same for what running servers must obey: they see it by the revision, which has to move.
    ///
    /// - Throws: ``StoreError/unavailable(cause:)`` when it doesn't.
    func changeDirectory(_ sql: String, _ arguments: StatementArguments, rows: Int = 1) throws {
        let before = try DirectoryState.current(self).revision
        try change(sql, arguments, rows: rows)
        guard try DirectoryState.current(self).revision > before else {
            throw StoreError.unavailable(cause: "the revision doesn't move, so no server would obey the change")
        }
    }
}
