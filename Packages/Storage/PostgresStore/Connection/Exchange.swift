import CPQ

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A statement that goes with the next exchange, since its result isn't needed before.
struct QueuedStatement {
    let statement: PostgresStatement
    /// Receives the result before those of later statements are used.
    let receive: (PostgresResult) throws(PostgresError) -> Void

    init(_ statement: PostgresStatement, _ receive: @escaping (PostgresResult) throws(PostgresError) -> Void = { _ in })
    {
        self.statement = statement
        self.receive = receive
    }
}

extension PostgresConnection {
    /// Runs the queue and `statements` in one round trip, and returns the results of the latter with all rows.
    ///
    /// The first error ends the exchange: the server skips the statements after it.
    @discardableResult
    func run(_ statements: [PostgresStatement]) throws(PostgresError) -> [PostgresResult] {
        do throws(ExchangeFailure) {
            return try exchange(statements)
        } catch {
            throw error.error
        }
    }

    /// Runs the queue, if there is any.
    func runQueue() throws(PostgresError) {
        if hasQueue { try run([]) }
    }

    /// Runs statements as ``run(_:)`` does; `beforeLast` is called when all results but the last have been read.
    func exchange(
        _ statements: [PostgresStatement],
        beforeLast: () -> Void = {}
    ) throws(ExchangeFailure) -> [PostgresResult] {
        let queue = takeQueue()
        let count = queue.count + statements.count
        var reader: ResultReader?
        do throws(PostgresError) {
            try stream?.bufferRest()
            try send(queue.map(\.statement) + statements)
            var results: [PostgresResult] = []
            reader = ResultReader(self, count: count)
            while true {
                if results.count == count - 1 { beforeLast() }
                guard let result = try reader?.next() else { break }
                results.append(result)
            }
            for (queued, result) in zip(queue, results) { try queued.receive(result) }
            return Array(results.dropFirst(queue.count))
        } catch {
            throw ExchangeFailure(error: error, isBeforeLast: reader?.refused.map { $0 < count - 1 } ?? false)
        }
    }

    /// Runs the queue and a statement in one round trip, and passes each row of the latter to `body`, without holding
    /// them all in memory.
    ///
    /// `body` may run other statements: the rows that are left are held in memory then.
    ///
    /// - Returns: the number of rows that the statement changed.
    @discardableResult
    func forEach(_ statement: PostgresStatement, _ body: (PostgresRow) throws -> Void) throws -> Int {
        let queue = takeQueue()
        try stream?.bufferRest()
        try send(queue.map(\.statement) + [statement])
        let outer = stream
        let rows = RowStream(self, after: queue)
        stream = rows
        defer { stream = outer }
        do {
            while let row = try rows.next() { try body(row) }
        } catch {
            try rows.discardRest()
            throw error
        }
        return rows.changedRows
    }

    /// Sends statements and the mark that ends the exchange, as far as the server takes them.
    private func send(_ statements: [PostgresStatement]) throws(PostgresError) {
        guard let pointer else { throw .lost(detail: "the connection is closed") }
        beginExchange()
        for statement in statements {
            let text = Placeholders.numbered(statement.sql)
            let isQueued = EncodedArguments(statement.arguments).withPointers {
                count,
                types,
                values,
                lengths,
                formats in
                library.pointee.PQsendQueryParams(pointer, text, count, types, values, lengths, formats, 1)
            }
            guard isQueued == 1 else { throw end() }
        }
        guard library.pointee.PQpipelineSync(pointer) == 1 else { throw end() }
        while true {
            switch library.pointee.PQflush(pointer) {
            case 0: return
            case 1:
                guard wait(for: POLLIN | POLLOUT, until: deadline) else { throw expire() }
                guard library.pointee.PQconsumeInput(pointer) == 1 else { throw end() }
            default: throw end()
            }
        }
    }

    /// Waits for libpq's next result; nil between statements.
    fileprivate func receive() throws(PostgresError) -> OpaquePointer? {
        guard let pointer else { throw .lost(detail: "the connection is closed") }
        while library.pointee.PQisBusy(pointer) == 1 {
            guard wait(for: POLLIN, until: deadline) else { throw expire() }
            guard library.pointee.PQconsumeInput(pointer) == 1 else { throw end() }
        }
        return library.pointee.PQgetResult(pointer)
    }

    fileprivate func expectSingleRows() {
        if let pointer { _ = library.pointee.PQsetSingleRowMode(pointer) }
    }

    /// Closes the connection, whose state is unknown, and returns the reason.
    fileprivate func end() -> PostgresError {
        let error = PostgresError.lost(detail: message)
        close()
        return error
    }

    private func expire() -> PostgresError {
        close()
        return .lost(detail: "the server took too long to answer")
    }

    /// The error that a result carries; the session is over after a fatal one.
    fileprivate func error(of result: OpaquePointer) -> PostgresError {
        func field(_ code: Int) -> String? {
            library.pointee.PQresultErrorField(result, CInt(code)).map { String(cString: $0) }
        }
        let detail = field(CPQ_DIAG_MESSAGE_PRIMARY) ?? message
        // Without a code it is libpq's own: the connection broke.
        guard let state = field(CPQ_DIAG_SQLSTATE) else {
            close()
            return .lost(detail: detail)
        }
        if let severity = field(CPQ_DIAG_SEVERITY), severity != "ERROR" {
            close()
            return .lost(detail: detail)
        }
        return PostgresError(state: state, detail: detail)
    }
}

/// The error of an exchange.
struct ExchangeFailure: Error {
    let error: PostgresError
    /// True if the server itself refused a statement before the last, which it therefore never ran.
    let isBeforeLast: Bool
}

/// Reads the results of one exchange, in the order of its statements.
private struct ResultReader {
    private let connection: PostgresConnection
    private let count: Int
    /// The statement whose rows come one by one.
    private let streamed: Int?
    /// The statement whose results are being read.
    private var index = 0
    /// The error of a statement whose results have been read.
    private(set) var failure: PostgresError?
    /// The statement that the server itself refused.
    private(set) var refused: Int?

    init(_ connection: PostgresConnection, count: Int, streaming streamed: Int? = nil) {
        self.connection = connection
        self.count = count
        self.streamed = streamed
        if streamed == 0 { connection.expectSingleRows() }
    }

    /// Returns the next statement's result; nil after the last one.
    ///
    /// - Throws: the first error, after the results that follow it were passed over.
    mutating func next() throws(PostgresError) -> PostgresResult? {
        while let pointer = try nextPointer() {
            guard failure == nil else {
                connection.library.pointee.PQclear(pointer)
                continue
            }
            do throws(PostgresError) {
                return try PostgresResult(pointer, connection.library)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return nil
    }

    /// Returns the next result that has rows or a command's end; nil at the mark that ends the exchange.
    mutating func nextPointer() throws(PostgresError) -> OpaquePointer? {
        let functions = connection.library.pointee
        while true {
            guard let pointer = try connection.receive() else {
                index += 1
                // The mark comes after the last statement's end; more ends than that are a lost connection's.
                guard index <= count + 1 else { throw connection.end() }
                // The mode is one statement's, to be set before its first result.
                if index == streamed { connection.expectSingleRows() }
                continue
            }
            switch Int(functions.PQresultStatus(pointer)) {
            case CPQ_COMMAND_OK, CPQ_TUPLES_OK, CPQ_SINGLE_TUPLE:
                return pointer
            case CPQ_PIPELINE_SYNC:
                functions.PQclear(pointer)
                return nil
            case CPQ_PIPELINE_ABORTED:
                functions.PQclear(pointer)
            default:
                let isServers = functions.PQresultErrorField(pointer, CInt(CPQ_DIAG_SQLSTATE)) != nil
                let error = connection.error(of: pointer)
                functions.PQclear(pointer)
                if failure == nil {
                    failure = error
                    if isServers { refused = index }
                }
                guard connection.isOpen else { throw failure ?? error }
            }
        }
    }
}

/// The rows of one statement, read while they arrive.
final class RowStream {
    private let connection: PostgresConnection
    private var reader: ResultReader
    /// The statements before it whose results are still to come.
    private var queue: ArraySlice<QueuedStatement>
    private var columns: PostgresResult.Columns?
    private var buffered: [PostgresRow] = []
    private var nextBuffered = 0
    private var isFinished = false
    private var failure: PostgresError?
    private(set) var changedRows = 0

    fileprivate init(_ connection: PostgresConnection, after queue: [QueuedStatement]) {
        self.connection = connection
        self.queue = queue[...]
        reader = ResultReader(connection, count: queue.count + 1, streaming: queue.count)
    }

    /// Returns the next row; nil after the last one.
    func next() throws(PostgresError) -> PostgresRow? {
        if nextBuffered < buffered.count {
            defer { nextBuffered += 1 }
            return buffered[nextBuffered]
        }
        if let failure { throw failure }
        return isFinished ? nil : try receive()
    }

    private func receive() throws(PostgresError) -> PostgresRow? {
        while let pointer = try reader.nextPointer() {
            if let queued = queue.popFirst() {
                try queued.receive(try PostgresResult(pointer, connection.library))
                continue
            }
            let result = try PostgresResult(pointer, connection.library, columns: columns)
            columns = result.columns
            if result.rowCount > 0 { return result[0] }
            changedRows = result.changedRows
        }
        isFinished = true
        if let error = reader.failure {
            failure = error
            throw error
        }
        return nil
    }

    /// Holds the rows that are left in memory, so that the connection is free for another statement.
    ///
    /// An error of the statement is kept for ``next()``.
    func bufferRest() throws(PostgresError) {
        guard !isFinished, failure == nil else { return }
        buffered.removeFirst(nextBuffered)
        nextBuffered = 0
        do throws(PostgresError) {
            while let row = try receive() { buffered.append(row) }
        } catch {
            guard connection.isOpen else { throw error }
            try passOverRest()
            failure = error
        }
    }

    /// Passes over the rows that are left.
    func discardRest() throws(PostgresError) {
        guard connection.isOpen, !isFinished else { return }
        try passOverRest()
    }

    private func passOverRest() throws(PostgresError) {
        guard !isFinished else { return }
        while let pointer = try reader.nextPointer() { connection.library.pointee.PQclear(pointer) }
        isFinished = true
    }
}
