import BursarModel
import CPQ

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// One connection to a PostgreSQL server, without blocking calls of libpq's: every wait is a `poll` that ends at
/// ``deadline``.
///
/// One thread uses it at a time; the pool lends it to one. All statements go through the pipeline, with binary arguments
/// and results, and none is prepared under a name: poolers and migrations break those.
package final class PostgresConnection: @unchecked Sendable {
    let library: UnsafePointer<cpq_functions>
    private(set) var pointer: OpaquePointer?
    let limits: ConnectionLimits
    /// The time at which the exchange under way is given up, and the connection with it.
    private(set) var deadline: ContinuousClock.Instant
    /// The end of the time that the caller has for several exchanges.
    package var expiry: ContinuousClock.Instant?
    let notices = Notices()
    /// The server's timeline when the connection was made; nil if it isn't known.
    var timeline: Timeline?
    /// The rows that are being read; another statement has them buffered first.
    weak var stream: RowStream?

    /// The statements that go with the next exchange.
    private var queue: [QueuedStatement] = []

    /// The text that the server's list of connections shows.
    package static let applicationName = "bursar"

    /// Connects to a server, and refuses one that Bursar can't keep its database on.
    ///
    /// - Parameters:
    ///   - address: the server's and the database's.
    ///   - password: the source of what the server asks for.
    ///   - limits: those of the connection, which the server keeps too.
    ///   - allowsUnsafe: accepts a server that doesn't synchronize its disk; for tests.
    ///   - name: the text that the server's list of connections shows.
    /// - Throws: ``PostgresError``.
    package init(
        to address: PostgresAddress,
        password: PostgresPassword = .none,
        limits: ConnectionLimits,
        allowsUnsafe: Bool = false,
        name: String = PostgresConnection.applicationName
    ) throws(PostgresError) {
        library = try PostgresLibrary.load()
        self.limits = limits
        deadline = .now + limits.connect
        expiry = deadline
        let secret = try password.secret(for: address)
        var failure = PostgresError.unreachable(detail: "there is no address")
        let addresses = try address.host.resolved(until: deadline)
        for (index, hostAddress) in addresses.enumerated() {
            // A silent address leaves time for the others.
            let share = ContinuousClock.now.duration(to: deadline) / (addresses.count - index)
            let options = ConnectionOptions(
                address,
                hostAddress: hostAddress,
                password: secret,
                limits: limits,
                name: name
            )
            do throws(PostgresError) {
                try connect(options, until: .now + share)
                try prepare(for: address, allowsUnsafe: allowsUnsafe)
                expiry = nil
                return
            } catch {
                close()
                failure = error
                guard case .unreachable = error else { break }
            }
        }
        throw failure
    }

    deinit {
        close()
    }

    /// True if nothing has ended it.
    package var isOpen: Bool { pointer != nil }

    /// True if it is open and in no transaction.
    package var isIdle: Bool {
        guard let pointer else { return false }
        return library.pointee.PQtransactionStatus(pointer) == CPQ_TRANSACTION_IDLE
    }

    /// The server's process that works for it.
    package var backendProcessID: Int? {
        pointer.map { Int(library.pointee.PQbackendPID($0)) }
    }

    /// Gives the exchange that begins the time that a statement may take, within that of the caller.
    func beginExchange() {
        let limit = ContinuousClock.now + limits.exchange
        deadline = expiry.map { min($0, limit) } ?? limit
    }

    /// Has a statement go with the next exchange, which throws its error.
    func enqueue(_ statement: QueuedStatement) {
        queue.append(statement)
    }

    var hasQueue: Bool { !queue.isEmpty }

    /// Empties the queue, and returns what was in it.
    @discardableResult
    func takeQueue() -> [QueuedStatement] {
        defer { queue = [] }
        return queue
    }

    /// Ends the connection; the server rolls an open transaction back.
    package func close() {
        if let pointer { library.pointee.PQfinish(pointer) }
        pointer = nil
    }

    /// Returns false, and closes an idle connection, if the server has ended it or has sent anything unasked: that is its
    /// farewell, or a change of its settings.
    package func isStillThere() -> Bool {
        guard let pointer else { return false }
        var socket = pollfd(fd: library.pointee.PQsocket(pointer), events: Int16(POLLIN), revents: 0)
        if poll(&socket, 1, 0) == 0 { return true }
        close()
        return false
    }

    private func connect(_ options: ConnectionOptions, until deadline: ContinuousClock.Instant) throws(PostgresError) {
        let text = options.text(for: PostgresLibrary.keywords(library)).reveal()
        guard let pointer = library.pointee.PQconnectStart(text) else { throw .unreachable(detail: "out of memory") }
        self.pointer = pointer
        // The only form in which the code of a refused connection is shown.
        _ = library.pointee.PQsetErrorVerbosity(pointer, CInt(CPQ_ERRORS_VERBOSE))
        notices.receive(from: pointer, library)
        var next = CInt(CPQ_POLLING_WRITING)
        var stage = library.pointee.PQstatus(pointer)
        if stage == CPQ_CONNECTION_BAD { throw failure(at: stage) }
        while next != CPQ_POLLING_OK {
            let event = next == CPQ_POLLING_WRITING ? POLLOUT : POLLIN
            guard wait(for: event, until: deadline) else {
                throw .unreachable(detail: "\(options.peer) took too long to answer")
            }
            stage = library.pointee.PQstatus(pointer)
            next = library.pointee.PQconnectPoll(pointer)
            if next == CPQ_POLLING_FAILED { throw failure(at: stage) }
        }
        guard library.pointee.PQsetnonblocking(pointer, 1) == 0, library.pointee.PQenterPipelineMode(pointer) == 1
        else {
            throw .lost(detail: message)
        }
    }

    /// The error of a connection that wasn't made.
    private func failure(at stage: CInt) -> PostgresError {
        if let pointer, library.pointee.PQconnectionNeedsPassword(pointer) == 1 {
            return .authentication(detail: "the server asks for a password, and there is none")
        }
        return ConnectFailure(message, stage: stage).error
    }

    /// libpq's message, its first line.
    var message: String {
        guard let text = pointer.flatMap({ library.pointee.PQerrorMessage($0) }) else { return "the connection ended" }
        return String(String(cString: text).prefix { $0 != "\n" })
    }

    /// Waits until the socket is ready; false when ``deadline`` has passed.
    func wait(for events: Int32, until deadline: ContinuousClock.Instant) -> Bool {
        guard let pointer else { return false }
        while true {
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero else { return false }
            var socket = pollfd(fd: library.pointee.PQsocket(pointer), events: Int16(events), revents: 0)
            let milliseconds = min(left / .milliseconds(1) + 1, 60_000)
            let count = poll(&socket, 1, CInt(milliseconds))
            // An error on the socket is libpq's to report.
            if count > 0 || (count < 0 && errno != EINTR) { return true }
        }
    }
}

extension ConnectionOptions {
    /// The server as messages name it.
    fileprivate var peer: String {
        let host = self["host"]
        return host.hasPrefix("/") ? host : "\(host) (\(self["hostaddr"]))"
    }
}

/// libpq's message for a connection that was not made, in verbose form, and the step that failed.
struct ConnectFailure {
    private let message: String
    private let stage: CInt

    init(_ message: String, stage: CInt) {
        self.message = message
        self.stage = stage
    }

    var error: PostgresError {
        // SEVERITY, a colon, two blanks, and the code with a colon and a blank: `FATAL:  28P01: password …`.
        for colon in message.indices where message[colon...].hasPrefix(":  ") {
            let code = message[colon...].dropFirst(3).prefix(5)
            let rest = message[colon...].dropFirst(8)
            let isCode = code.count == 5 && code.utf8.allSatisfy { $0.isASCIIUppercaseOrDigit }
            if isCode, rest.hasPrefix(": ") {
                return Self.error(state: String(code), detail: String(rest.dropFirst(2)))
            }
        }
        return stage == CPQ_CONNECTION_SSL_STARTUP ? .untrusted(detail: message) : .unreachable(detail: message)
    }

    private static func error(state: String, detail: String) -> PostgresError {
        // It starts up, shuts down, or is a standby that takes no connections.
        if case .lost = PostgresError(state: state, detail: detail) { return .unreachable(detail: detail) }
        return PostgresError(state: state, detail: detail)
    }
}

extension UInt8 {
    fileprivate var isASCIIUppercaseOrDigit: Bool {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self)
    }
}

/// The warnings of a connection: a commit's are an answer.
final class Notices {
    /// True while warnings count.
    private(set) var isListening = false
    private(set) var warnings: [String] = []
    private var library: UnsafePointer<cpq_functions>?

    /// Replaces libpq's own receiver, which writes to standard error.
    ///
    /// The connection holds this object longer than libpq calls it.
    fileprivate func receive(from pointer: OpaquePointer, _ library: UnsafePointer<cpq_functions>) {
        self.library = library
        let context = Unmanaged.passUnretained(self).toOpaque()
        _ = library.pointee.PQsetNoticeReceiver(
            pointer,
            { context, result in
                guard let context, let result else { return }
                Unmanaged<Notices>.fromOpaque(context).takeUnretainedValue().take(result)
            },
            context
        )
    }

    private func take(_ result: OpaquePointer) {
        guard isListening, let library else { return }
        func field(_ code: Int) -> String {
            library.pointee.PQresultErrorField(result, CInt(code)).map { String(cString: $0) } ?? ""
        }
        guard field(CPQ_DIAG_SEVERITY) == "WARNING" || field(CPQ_DIAG_SQLSTATE).hasPrefix("01") else { return }
        warnings.append(field(CPQ_DIAG_MESSAGE_PRIMARY))
    }

    func listen() {
        warnings = []
        isListening = true
    }

    func stopListening() {
        isListening = false
    }
}
