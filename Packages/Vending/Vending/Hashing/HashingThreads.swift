import Dispatch
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Threads that do nothing but hash, of lower priority than those that serve: a flood of wrong keys slows new keys
/// before it slows anybody else.
final class HashingThreads: Sendable {
    typealias Job = @Sendable () -> Void

    /// What the threads hold on to, so that they end when nobody else does.
    private final class Jobs: Sendable {
        let waiting = Mutex<[Job?]>([])
        let signal = DispatchSemaphore(value: 0)
        private let priorityRefused: Mutex<(@Sendable (CInt) -> Void)?>

        init(priorityRefused: @escaping @Sendable (CInt) -> Void) {
            self.priorityRefused = Mutex(priorityRefused)
        }

        /// Tells of the first refusal only: the threads are alike.
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

        /// Runs jobs until one says stop; gives the memory of hashes back when none has come for a while.
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
    /// How long a thread that has nothing to hash keeps the memory for the next hash.
    private static let idle = DispatchTimeInterval.seconds(2)

    private let jobs: Jobs
    private let count: Int

    init(count: Int, priorityRefused: @escaping @Sendable (CInt) -> Void) {
        self.count = count
        jobs = Jobs(priorityRefused: priorityRefused)
        for _ in 0..<count { Self.start(jobs) }
    }

    deinit {
        for _ in 0..<count { jobs.add(nil) }
    }

    /// Has a thread run `job`, the oldest first.
    func run(_ job: @escaping Job) {
        jobs.add(job)
    }

    private static func start(_ jobs: Jobs) {
        let context = Unmanaged.passRetained(jobs).toOpaque()
        #if canImport(Darwin)
        var thread: pthread_t?
        let status = pthread_create(&thread, nil, { Self.main($0) }, context)
        #else
        var thread = pthread_t()
        let status = pthread_create(&thread, nil, { $0.flatMap { HashingThreads.main($0) } }, context)
        #endif
        precondition(status == 0, "no thread for hashing")
        #if canImport(Darwin)
        if let thread { pthread_detach(thread) }
        #else
        pthread_detach(thread)
        #endif
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
