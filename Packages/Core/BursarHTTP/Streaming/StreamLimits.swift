/// How long the parts of a streamed transfer may take.
///
/// Only time that the peer takes counts: while our own reader or our own body holds the transfer up, nothing but
/// ``total`` runs.
package struct StreamLimits: Sendable {
    /// Name look-up, TCP and TLS together.
    package var connect: Duration
    /// From the end of the request to the head of the answer: a model may think for long before it says anything.
    package var answer: Duration
    /// Without any byte in either direction, while the request goes out and while the answer comes in.
    package var stall: Duration
    /// From start to last byte; nil sets no end.
    package var total: Duration?

    package init(
        connect: Duration = .seconds(3),
        answer: Duration = .seconds(3600),
        stall: Duration = .seconds(300),
        total: Duration? = nil
    ) {
        self.connect = connect
        self.answer = answer
        self.stall = stall
        self.total = total
    }

    /// Those of a transfer that is collected.
    init(_ limits: TransferLimits) {
        self.init(connect: limits.connect, answer: limits.stall, stall: limits.stall, total: limits.total)
    }

    func deadline(from start: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        total.map { start.advanced(by: $0) }
    }
}
