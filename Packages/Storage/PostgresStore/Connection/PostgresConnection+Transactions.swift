extension PostgresConnection {
    /// Runs `change` in one transaction that begins with `opening`, and commits it: in two round trips, if `change` asks
    /// for all that it reads at once and queues what it writes.
    ///
    /// READ COMMITTED is written out, since a role or a database may have another default: a writer that waited for a
    /// lock must see what the one before it committed.
    ///
    /// - Parameters:
    ///   - opening: statements that go with the first one of `change`: a lock that blocks until all other writers have
    ///     committed, and checks.
    ///   - closing: a statement that is sent with COMMIT.
    ///   - committed: receives the rows of `closing` once they are committed.
    ///   - change: runs further statements; nothing is sent before its first one that isn't queued.
    /// - Returns: what `change` returns, once it is committed.
    /// - Throws: ``PostgresError``, or what `change` throws. Nothing is changed then, unless it is
    ///   ``PostgresError/unsure(detail:)``.
    @discardableResult
    func write<Value>(
        opening: [QueuedStatement],
        closing: PostgresStatement? = nil,
        committed: ([PostgresRow]) -> Void = { _ in },
        _ change: () throws -> Value
    ) throws -> Value {
        try transaction(closing: closing, committed: committed) {
            let begin = QueuedStatement(PostgresStatement("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"))
            for statement in [begin] + opening { enqueue(statement) }
            let value = try change()
            // The opening's checks are judged before COMMIT is sent.
            if isIdle { try runQueue() }
            return value
        }
    }

    /// Runs `fetch` on one state of the database, which is that of its first statement.
    package func read<Value>(_ fetch: () throws -> Value) throws -> Value {
        try transaction {
            enqueue(QueuedStatement(PostgresStatement("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")))
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

    /// Commits, with the queue before it, and returns only after the server's own word that it did.
    ///
    /// A wait for a standby that is cancelled ends with success and a warning, and the transaction may be lost after a
    /// failover. COMMIT itself is never cancelled by Bursar, which would do just that.
    private func commit(after closing: PostgresStatement?) throws(PostgresError) -> [PostgresRow] {
        guard isOpen else { throw .lost(detail: "the connection is closed") }
        defer { notices.stopListening() }
        let results: [PostgresResult]
        do throws(ExchangeFailure) {
            let statements = [closing, PostgresStatement("COMMIT")].compactMap(\.self)
            // The warnings of COMMIT alone, which come after the results of the statements before it.
            results = try exchange(statements) { notices.listen() }
        } catch {
            // Found in the results of what is committed.
            if case .skipped(let detail) = error.error { throw .unsure(detail: detail) }
            // Only the server's own refusal, of COMMIT in an open session or of a statement before it, says that nothing
            // was committed.
            if isOpen || error.isBeforeLast { throw error.error }
            throw .unsure(detail: error.error.description)
        }
        guard results.last?.command == "COMMIT" else {
            throw .failed(state: "25P02", detail: "the server rolled the transaction back")
        }
        if let warning = notices.warnings.first { throw .unsure(detail: warning) }
        return closing == nil ? [] : results[0].rows
    }

    /// Ends a transaction that failed; a connection that doesn't get there is closed.
    private func rollBack() {
        takeQueue()
        guard isOpen, !isIdle else { return }
        do throws(PostgresError) {
            try run([PostgresStatement("ROLLBACK")])
        } catch {
            close()
        }
    }
}
