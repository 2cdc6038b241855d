import CCurl
import Synchronization

/// The state that senders and the transfer thread share: the waiting transfers and the thread's wake-up.
final class TransferQueue: Sendable {
    /// Orders in hand at once, running or waiting, streams aside; one more is refused with ``TransportError/busy``.
    static let capacity = TransferLoop.runningLimit + 256

    let settings: NetworkSettings
    private let state = Mutex(State())

    private struct State {
        var thread: TransferThread?
        var isClosed = false
        var waiting: [QueuedTransfer] = []
        var inHand = 0
        var streams = 0
    }

    /// The decision on a waiting transfer.
    enum Decision {
        case keep
        case start
        case end(any Error)
    }

    init(settings: NetworkSettings) {
        self.settings = settings
    }

    /// Starts the thread, unless it runs already.
    func open() throws(TransportError) {
        try CurlLibrary.load()
        let isOpen = state.withLock { state in
            guard !state.isClosed, state.thread == nil else { return true }
            state.thread = TransferThread(serving: self)
            return state.thread != nil
        }
        guard isOpen else { throw .broken(detail: "no thread can be started") }
    }

    /// Queues an order, if there is room for it.
    func add(_ order: QueuedTransfer) throws(TransportError) {
        let fault: TransportError? = state.withLock { state in
            if state.isClosed { return .broken(detail: "the transport was shut down") }
            if order.isStream {
                if state.streams >= TransferLoop.streamLimit { return .busy }
                state.streams += 1
            } else {
                if state.inHand >= Self.capacity { return .busy }
                state.inHand += 1
            }
            state.waiting.append(order)
            state.thread?.wake()
            return nil
        }
        if let fault { throw fault }
    }

    /// Wakes the thread, for new transfers and for cancelled ones.
    func wake() {
        state.withLock { $0.thread?.wake() }
    }

    /// Ends the thread, and with it every transfer; returns when it has ended.
    func close() {
        let thread = state.withLock { state in
            state.isClosed = true
            state.thread?.wake()
            defer { state.thread = nil }
            return state.thread
        }
        thread?.join()
    }

    // MARK: The thread's side

    var isClosed: Bool {
        state.withLock { $0.isClosed }
    }

    /// Asks `decide` about each order that waits, first come first asked, and returns those that leave the queue.
    func sort(_ decide: (QueuedTransfer) -> Decision) -> (
        starting: [QueuedTransfer], ended: [(QueuedTransfer, any Error)]
    ) {
        state.withLock { state in
            var starting: [QueuedTransfer] = []
            var ended: [(QueuedTransfer, any Error)] = []
            state.waiting.removeAll { order in
                switch decide(order) {
                case .keep: return false
                case .start: starting.append(order)
                case .end(let error): ended.append((order, error))
                }
                return true
            }
            return (starting, ended)
        }
    }

    /// Gives an order's place back and its sender the outcome.
    func finish(_ order: QueuedTransfer, _ outcome: Result<Void, any Error>) {
        state.withLock { state in
            if order.isStream { state.streams -= 1 } else { state.inHand -= 1 }
        }
        order.body?.close()
        order.sink.end(outcome)
    }
}

/// One request on its way to the transfer thread, with the place its response goes to.
struct QueuedTransfer: Sendable {
    let request: HTTPClientRequest
    /// A body that comes in pieces, in place of the request's own.
    var body: BodyQueue?
    let limits: StreamLimits
    /// The moment ``StreamLimits/total`` ends: waiting for a place counts.
    let deadline: ContinuousClock.Instant?
    let cancellation: Cancellation
    let sink: any ResponseSink

    /// True if the response is read as it arrives: such transfers are long, and take no place from others.
    var isStream: Bool { sink is StreamingResponseSink }

    /// Raised by the sender's task, seen by the transfer thread.
    final class Cancellation: Sendable {
        private let raised = Atomic(false)

        var isRaised: Bool { raised.load(ordering: .relaxed) }

        func raise() {
            raised.store(true, ordering: .relaxed)
        }
    }

    /// The error that ends this transfer now, in any state; nil while it may continue.
    func reasonToEnd(at now: ContinuousClock.Instant) -> (any Error)? {
        if cancellation.isRaised { return CancellationError() }
        if let failure = body?.failure { return failure }
        guard let deadline, deadline <= now else { return nil }
        return TransportError.timedOut
    }
}
