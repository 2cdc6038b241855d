extension PostgresConnection {
    /// Runs `change` in one transaction that begins with `lock` in the same round trip, and commits it.
    ///
    /// READ COMMITTED is written out, since a role or a database may have another default: a writer that waited for the
    /// lock must see what the one before it committed.
    ///
    /// - Parameters:
    ///   - lock: a statement that blocks until all other writers have committed.
    ///   - checks: statements that are sent with it.
    ///   - closing: a statement that is sent with COMMIT.
    ///   - committed: receives the rows of `closing` once they are committed.
    ///   - change: receives the rows of each of `checks`.
    /// - Returns: what `change` returns, once it is committed.
    /// - Throws: ``PostgresError``, or what `change` throws. Nothing is changed then, unless it is
    ///   ``PostgresError/unsure(detail:)``.
    @discardableResult
    package func write<Value>(
        lock: PostgresStatement,
        checks: [PostgresStatement] = [],
        closing: PostgresStatement? = nil,
        committed: ([PostgresRow]) -> Void = { _ in },
        _ change: ([[PostgresRow]]) throws -> Value
    ) throws -> Value {
        try transaction(closing: closing, committed: committed) {
            let begin = PostgresStatement("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
            let results = try run([begin, lock] + checks)
            return try change(results.dropFirst(2).map(\.rows))
        }
    }

    /// Runs `fetch` on one state of the database, which is that of its first statement.
    package func read<Value>(_ fetch: () throws -> Value) throws -> Value {
        try transaction {
            try run([PostgresStatement("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")])
            return try fetch()
        }
    }

    func transaction<Value>(
        closing: PostgresStatement? = nil,
        committed: ([PostgresRow]) -> Void = { _ in },
        _ body: () throws -> Value
    ) throws -> Value {
        do {
            let value = try body()
            let rows = try commit(after: closing)
            committed(rows)
            return value
        } catch {
            rollBack()
            throw error
        }
    }

    /// Commits, and returns only after the server's own word that it did.
    ///
    /// A wait for a standby that is cancelled ends with success and a warning, and the transaction may be lost after a
    /// failover. COMMIT itself is never cancelled by Bursar, which would do just that.
    private func commit(after closing: PostgresStatement?) throws(PostgresError) -> [PostgresRow] {
        guard isOpen else { throw .lost(detail: "the connection is closed") }
        notices.listen()
        defer { notices.stopListening() }
        let results: [PostgresResult]
        do throws(PostgresError) {
            results = try run([closing, PostgresStatement("COMMIT")].compactMap(\.self))
        } catch {
            // Only the server's refusal in an open session says that nothing was committed.
            if isOpen { throw error }
            throw .unsure(detail: error.description)
        }
        guard results.last?.command == "COMMIT" else {
            throw .failed(state: "25P02", detail: "the server rolled the transaction back")
        }
        if let warning = notices.warnings.first { throw .unsure(detail: warning) }
        return closing == nil ? [] : results[0].rows
    }

    /// Ends a transaction that failed; a connection that doesn't get there is closed.
    private func rollBack() {
        guard isOpen, !isIdle else { return }
        do throws(PostgresError) {
            try run([PostgresStatement("ROLLBACK")])
        } catch {
            close()
        }
    }
}
