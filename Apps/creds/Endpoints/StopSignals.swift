import Dispatch

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Tells when this program is to stop: by SIGINT, SIGTERM or SIGHUP, or when another process ends.
struct StopSignals: Sendable {
    private let stream: AsyncStream<Void>
    private let parent: WatchedProcess?

    /// From here on the signals no longer end the program by themselves.
    ///
    /// One that whoever started us had ignored (`nohup`, a script's `&`) stays so.
    init(parent: pid_t?) async {
        self.parent = parent.map { WatchedProcess($0) }
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        var sources: [Source] = []
        for number in [SIGINT, SIGTERM, SIGHUP] where !Self.isIgnored(number) {
            sources.append(await Source(number) { continuation.yield() })
        }
        continuation.onTermination = { [sources] _ in
            for source in sources { source.cancel() }
        }
        self.stream = stream
    }

    /// Returns when it is time, or the task is cancelled.
    func wait() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for await _ in stream { return }
            }
            if let parent {
                group.addTask {
                    while !Task.isCancelled, parent.isAlive { try? await Task.sleep(for: .seconds(1)) }
                }
            }
            await group.next()
            group.cancelAll()
        }
    }

    private static func isIgnored(_ number: CInt) -> Bool {
        var action = sigaction()
        guard sigaction(number, nil, &action) == 0 else { return false }
        #if canImport(Glibc) || canImport(Musl)
        let handler = action.__sigaction_handler.sa_handler
        #else
        let handler = action.__sigaction_u.__sa_handler
        #endif
        return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    /// Dispatch's sources may be used from any thread, but on Linux their type doesn't say so.
    private struct Source: @unchecked Sendable {
        private let source: any DispatchSourceSignal

        /// Waits until the signal is really caught: Dispatch sees to that on a thread of its own.
        init(_ number: CInt, _ arrived: @escaping @Sendable () -> Void) async {
            #if canImport(Darwin)
            signal(number, SIG_IGN)
            #endif
            let source = DispatchSource.makeSignalSource(signal: number)
            self.source = source
            source.setEventHandler(handler: arrived)
            await withCheckedContinuation { continuation in
                source.setRegistrationHandler { continuation.resume() }
                source.resume()
            }
        }

        func cancel() {
            source.cancel()
        }
    }
}
