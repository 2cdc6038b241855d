import CCurl

/// What the transfer thread does until its inbox is closed: start, drive and end transfers.
final class TransferLoop {
    static let runningLimit = 64
    static let runningLimitPerOrigin = 16
    /// Streams at once, beside the other transfers; none of them waits.
    static let streamLimit = 64
    /// How long the thread waits at most, with nothing to do: libcurl and the inbox wake it earlier.
    private static let idle = Duration.seconds(60)

    private let inbox: TransferQueue
    private let multi: OpaquePointer
    private var running: [UnsafeMutableRawPointer: Transfer] = [:]
    private var runningPerOrigin: [Substring: Int] = [:]

    init(inbox: TransferQueue, multi: OpaquePointer) {
        self.inbox = inbox
        self.multi = multi
    }

    func run() {
        _ = ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, Self.runningLimit + Self.streamLimit)
        while !inbox.isClosed {
            _ = ccurl_multi_perform(multi)
            finishDone()
            endLate()
            resumePaused()
            let next = startWaiting()
            let wait = min(next.map { ContinuousClock.now.duration(to: $0) } ?? Self.idle, Self.idle)
            _ = ccurl_multi_poll(multi, Int32(wait.milliseconds))
        }
        endAll()
    }

    /// Lets go on what had to wait for its reader or its body.
    private func resumePaused() {
        let now = ContinuousClock.now
        for transfer in running.values { transfer.resume(at: now) }
    }

    /// Hands out what libcurl has finished.
    private func finishDone() {
        var easy: UnsafeMutableRawPointer?
        var code = CURLE_OK
        while ccurl_multi_take_finished(multi, &easy, &code) {
            guard let easy, let transfer = running[easy] else { continue }
            end(transfer, transfer.outcome(code))
        }
    }

    /// Ends what was cancelled, or is out of time.
    private func endLate() {
        let now = ContinuousClock.now
        for transfer in running.values {
            if let reason = transfer.reasonToEnd(at: now) { end(transfer, .failure(reason)) }
        }
    }

    /// Starts what has room, and returns when it is time to look again.
    private func startWaiting() -> ContinuousClock.Instant? {
        let now = ContinuousClock.now
        var next: ContinuousClock.Instant?
        var places = Self.runningLimit - runningPerOrigin.values.reduce(0, +)
        let (starting, ended) = inbox.sort { order in
            if let reason = order.reasonToEnd(at: now) { return .end(reason) }
            if order.isStream { return .start }
            guard places > 0, runningPerOrigin[order.request.origin, default: 0] < Self.runningLimitPerOrigin else {
                next = [next, order.deadline].compactMap(\.self).min()
                return .keep
            }
            places -= 1
            runningPerOrigin[order.request.origin, default: 0] += 1
            return .start
        }
        for (order, error) in ended { inbox.finish(order, .failure(error)) }
        for order in starting { start(order) }
        return (running.values.compactMap(\.nextLook) + [next].compactMap(\.self)).min()
    }

    private func start(_ order: QueuedTransfer) {
        do {
            let transfer = try Transfer(order, settings: inbox.settings)
            guard ccurl_multi_add(multi, transfer.easy.pointer) == CURLM_OK else {
                throw TransportError(CURLE_OUT_OF_MEMORY)
            }
            running[transfer.easy.pointer] = transfer
        } catch {
            leave(order)
            inbox.finish(order, .failure(error))
        }
    }

    /// Takes a transfer out of libcurl, whether it is done or not, before its sender hears of it.
    private func end(_ transfer: Transfer, _ outcome: Result<Void, any Error>) {
        _ = ccurl_multi_remove(multi, transfer.easy.pointer)
        running[transfer.easy.pointer] = nil
        leave(transfer.order)
        inbox.finish(transfer.order, outcome)
    }

    private func leave(_ order: QueuedTransfer) {
        guard !order.isStream else { return }
        let origin = order.request.origin
        let count = runningPerOrigin[origin, default: 1] - 1
        runningPerOrigin[origin] = count == 0 ? nil : count
    }

    private func endAll() {
        let fault = TransportError.broken(detail: "the transport was shut down")
        for transfer in running.values { end(transfer, .failure(fault)) }
        let (_, ended) = inbox.sort { _ in .end(fault) }
        for (order, error) in ended { inbox.finish(order, .failure(error)) }
    }
}
