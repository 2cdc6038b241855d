import Synchronization

/// One request on its way to the transfer thread, with the ear that waits for its answer.
struct TransferOrder: Sendable {
    let request: OutboundRequest
    /// The moment ``TransferLimits/total`` ends: waiting for a place counts.
    let deadline: ContinuousClock.Instant
    let cancellation: Cancellation
    let continuation: CheckedContinuation<OutboundResponse, any Error>

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
        return deadline <= now ? TransportFault.timedOut : nil
    }
}
