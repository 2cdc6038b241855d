import CCurl

/// The loop of the transfer thread: it starts, drives and ends transfers until its queue is closed.
final class TransferLoop {
    static let runningLimit = 64
    static let runningLimitPerOrigin = 16
    /// The most concurrent streams, besides the other transfers; none of them waits.
    static let streamLimit = 64
    /// The longest wait of an idle thread; libcurl and the queue wake it earlier.
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

    /// Starts the transfers that have room, and returns the time of the next check.
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

/// The thread that drives all transfers of one transport, and libcurl's handle of them.
///
/// Unchecked, because a pointer is not Sendable. Both are safe here. Of everything that takes `multi`, other threads
/// only call `ccurl_multi_wakeup`: that is `curl_multi_wakeup`, which libcurl allows
/// (https://curl.se/libcurl/c/curl_multi_wakeup.html), or a byte written to a pipe. They do so while ``TransferQueue``
/// holds its lock and this value; the inbox lets go of it in the same step that closes it, and the thread frees the
/// handle only after it has seen the inbox closed. `thread` is used by the one call of ``join()``.
struct TransferThread: @unchecked Sendable {
    private let multi: OpaquePointer
    private let thread: OpaquePointer

    /// Starts the thread; nil when there is no memory or no thread to be had.
    init?(serving inbox: TransferQueue) {
        guard let multi = ccurl_multi_init() else { return nil }
        let work = Unmanaged.passRetained(Work(inbox: inbox, multi: multi))
        let started = ccurl_thread_start(
            { context in
                guard let context else { preconditionFailure("the thread was started without work") }
                let work = Unmanaged<Work>.fromOpaque(context).takeRetainedValue()
                TransferLoop(inbox: work.inbox, multi: work.multi).run()
                ccurl_multi_cleanup(work.multi)
            },
            work.toOpaque()
        )
        guard let started else {
            work.release()
            ccurl_multi_cleanup(multi)
            return nil
        }
        self.multi = multi
        thread = started
    }

    /// Ends the thread's wait, now or the next time it waits.
    func wake() {
        ccurl_multi_wakeup(multi)
    }

    /// Waits for the thread's end; to be called once, after the inbox was closed.
    func join() {
        ccurl_thread_join(thread)
    }

    private final class Work {
        let inbox: TransferQueue
        let multi: OpaquePointer

        init(inbox: TransferQueue, multi: OpaquePointer) {
            self.inbox = inbox
            self.multi = multi
        }
    }
}
