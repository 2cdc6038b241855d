import Dispatch
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The system can't start a thread for hashing, for example because of a limit on processes.
package struct HashingThreadError: Error, Equatable {
    package let errno: CInt
}

/// Threads that only hash, with a lower priority than those that serve: a flood of wrong keys slows down new keys
/// before it slows down other requests.
final class HashingThreads: Sendable {
    typealias Job = @Sendable () -> Void

    /// The queue of jobs, which the threads keep alive until they end.
    final class Jobs: Sendable {
        let waiting = Mutex<[Job?]>([])
        let signal = DispatchSemaphore(value: 0)
        private let priorityRefused: Mutex<(@Sendable (CInt) -> Void)?>

        init(priorityRefused: @escaping @Sendable (CInt) -> Void) {
            self.priorityRefused = Mutex(priorityRefused)
        }

        /// Reports the first refusal only: the threads are alike.
        func refusePriority(_ errno: CInt) {
            let report = priorityRefused.withLock { report in
                defer { report = nil }
                return report
            }
            report?(errno)
        }

        func add(_ job: Job?) {
            waiting.withLock { $0.append(job) }
            signal.signal()
        }

        /// Runs jobs until a nil job; frees the memory of hashes when no job has come for a while.
        func run() {
            defer { PasswordHash.releaseMemory() }
            var mayHoldMemory = false
            while true {
                if signal.wait(timeout: mayHoldMemory ? .now() + HashingThreads.idle : .distantFuture) == .timedOut {
                    PasswordHash.releaseMemory()
                    mayHoldMemory = false
                    continue
                }
                guard let job = waiting.withLock({ $0.removeFirst() }) else { return }
                job()
                mayHoldMemory = true
            }
        }
    }

    /// Steps of `nice`: a third of the weight of a thread that serves, when both want to run.
    private static let niceness: CInt = 5
    /// The time for which an idle thread keeps its memory for the next hash.
    private static let idle = DispatchTimeInterval.seconds(2)

    private let jobs: Jobs
    private let count: Int

    /// `start` starts one thread that runs the jobs, and returns an `errno` or 0; only tests give another.
    ///
    /// - Throws: ``HashingThreadError``; the threads that were started end.
    init(
        count: Int,
        priorityRefused: @escaping @Sendable (CInt) -> Void,
        start: (Jobs) -> CInt = HashingThreads.start
    ) throws(HashingThreadError) {
        self.count = count
        jobs = Jobs(priorityRefused: priorityRefused)
        for started in 0..<count {
            let status = start(jobs)
            guard status != 0 else { continue }
            for _ in 0..<started { jobs.add(nil) }
            throw HashingThreadError(errno: status)
        }
    }

    deinit {
        for _ in 0..<count { jobs.add(nil) }
    }

    /// Queues `job` for the next free thread; the oldest runs first.
    func run(_ job: @escaping Job) {
        jobs.add(job)
    }

    static func start(_ jobs: Jobs) -> CInt {
        let retained = Unmanaged.passRetained(jobs)
        let context = retained.toOpaque()
        #if canImport(Darwin)
        var thread: pthread_t?
        let status = pthread_create(&thread, nil, { Self.main($0) }, context)
        #else
        var thread = pthread_t()
        let status = pthread_create(&thread, nil, { $0.flatMap { HashingThreads.main($0) } }, context)
        #endif
        guard status == 0 else {
            retained.release()
            return status
        }
        #if canImport(Darwin)
        if let thread { pthread_detach(thread) }
        #else
        pthread_detach(thread)
        #endif
        return 0
    }

    private static func main(_ context: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
        let jobs = Unmanaged<Jobs>.fromOpaque(context).takeRetainedValue()
        #if canImport(Darwin)
        pthread_set_qos_class_self_np(QOS_CLASS_UTILITY, 0)
        #else
        // On Linux the priority is the thread's own: https://man7.org/linux/man-pages/man2/setpriority.2.html (BUGS).
        if setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, niceness) != 0 { jobs.refusePriority(errno) }
        #endif
        jobs.run()
        return nil
    }
}
