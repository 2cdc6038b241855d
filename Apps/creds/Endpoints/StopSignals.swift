import BursarFiles
import Dispatch
import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Waits for a reason to stop: SIGINT, SIGTERM or SIGHUP, or the end of another process.
struct StopSignals: Sendable {
    private let stream: AsyncStream<Void>
    private let parent: WatchedProcess?

    /// Catches the signals from here on, so that they no longer end the program by themselves.
    ///
    /// A signal that the parent had ignored (`nohup`, a script's `&`) stays ignored.
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

    /// Returns on a reason to stop, or when the task is cancelled.
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

    /// A signal source.
    ///
    /// Dispatch's sources may be used from any thread, but on Linux their type doesn't declare it.
    private struct Source: @unchecked Sendable {
        private let source: any DispatchSourceSignal

        /// Waits until the signal is actually caught: Dispatch registers it on a thread of its own.
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

/// Another process, distinguished from a later one with the same number, and from a zombie whose parent has not
/// collected it.
///
/// Without `/proc`, only the number identifies it.
struct WatchedProcess: Sendable {
    private let id: pid_t
    private let start: String?

    init(_ id: pid_t) {
        self.id = id
        start = Self.facts(of: id)?.start
    }

    var isAlive: Bool {
        guard kill(id, 0) == 0 || errno == EPERM else { return false }
        guard let start else { return true }
        guard let now = Self.facts(of: id) else { return false }
        return now.start == start && now.state != "Z" && now.state != "X"
    }

    /// The name is in parentheses and may contain some; the rest are fields separated by blanks, the third of all is
    /// the state and the 22nd the start: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html.
    private static func facts(of id: pid_t) -> (state: Substring, start: String)? {
        guard let bytes = try? FileContent.read(FilePath("/proc/\(id)/stat"), limit: 4096) else { return nil }
        let fields = String(decoding: bytes, as: UTF8.self).split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 19 else { return nil }
        return (fields[0], String(fields[19]))
    }
}
