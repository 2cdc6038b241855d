import Synchronization

/// One request on its way to the transfer thread, with the place its answer goes to.
struct QueuedTransfer: Sendable {
    let request: HTTPClientRequest
    /// A body that comes in pieces, in place of the request's own.
    var body: BodyQueue?
    let limits: StreamLimits
    /// The moment ``StreamLimits/total`` ends: waiting for a place counts.
    let deadline: ContinuousClock.Instant?
    let cancellation: Cancellation
    let answer: any ResponseSink

    /// Whether the answer is read as it comes: such transfers are long, and take no place from others.
    var isStream: Bool { answer is StreamingResponseSink }

    /// Raised by the sender's task, seen by the transfer thread.
    final class Cancellation: Sendable {
        private let raised = Atomic(false)

        var isRaised: Bool { raised.load(ordering: .relaxed) }

        func raise() {
            raised.store(true, ordering: .relaxed)
        }
    }

    /// Why this order has to end now, whatever its state; nil when it may go on.
    func reasonToEnd(at now: ContinuousClock.Instant) -> (any Error)? {
        if cancellation.isRaised { return CancellationError() }
        if let failure = body?.failure { return failure }
        guard let deadline, deadline <= now else { return nil }
        return TransportError.timedOut
    }
}
