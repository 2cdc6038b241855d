import CCurl

/// The thread that drives all transfers of one transport, and libcurl's handle of them.
///
/// Unchecked, because a pointer is not Sendable. Both are safe here. Of everything that takes `multi`, other threads only
/// call `ccurl_multi_wakeup`: that is `curl_multi_wakeup`, which libcurl allows
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
