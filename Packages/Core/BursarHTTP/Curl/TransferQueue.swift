import CCurl
import Synchronization

/// What senders and the transfer thread share: the orders that wait, and the thread's bell.
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

    /// What is to become of an order that waits.
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

    /// Has the thread look around: for orders that came, and for those that were cancelled.
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
        order.answer.end(outcome)
    }
}
