import BursarFiles
import BursarFoundation
import BursarModel
import CoreMetrics
import Storage
import Synchronization
import SystemPackage
import Vending

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The server's metrics.
///
/// Labels come from fixed lists, never from a client's input.
final class ServerMetrics: Sendable {
    let registry = PrometheusRegistry(ServerMetrics.definitions)
    private let counters = Mutex<[CountedResponse: Counter]>([:])
    private let times = Mutex<[String: Timer]>([:])
    private let argon2: Timer
    private let commitSize: CoreMetrics.Recorder
    private let commits: Timer
    private let sts: Timer
    private let canaries: Counter

    private struct CountedResponse: Hashable {
        let route: String
        let status: Int
        let error: String
    }

    private static let seconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    static let definitions: [PrometheusRegistry.Definition] = [
        .init(name: "bursar_requests_total", kind: .counter, help: "Answers by route, status and error."),
        .init(
            name: "bursar_request_duration_seconds",
            kind: .histogram,
            help: "Time from a whole request to its answer, by route.",
            bounds: seconds
        ),
        .init(name: "bursar_vends_total", kind: .counter, help: "Vends on record since the start."),
        .init(name: "bursar_commit_vends", kind: .histogram, help: "Vends per commit.", bounds: powers),
        .init(name: "bursar_commit_duration_seconds", kind: .histogram, help: "Time of a commit.", bounds: seconds),
        .init(name: "bursar_argon2_waiting", kind: .gauge, help: "Keys that wait to be verified."),
        .init(name: "bursar_argon2_duration_seconds", kind: .histogram, help: "Time of a hash.", bounds: seconds),
        .init(name: "bursar_sts_duration_seconds", kind: .histogram, help: "Time of an AssumeRole.", bounds: seconds),
        .init(name: "bursar_sts_errors_total", kind: .counter, help: "AssumeRoles that brought nothing, by kind."),
        .init(name: "bursar_sessions_total", kind: .counter, help: "Vends by where their credentials came from."),
        .init(name: "bursar_canary_uses_total", kind: .counter, help: "Requests with a canary key: an alarm."),
        .init(name: "bursar_connections", kind: .gauge, help: "Connections that are held."),
        .init(name: "bursar_connections_limit", kind: .gauge, help: "Connections that may be held."),
        .init(
            name: "bursar_connections_short_total",
            kind: .counter,
            help: "Connections refused, and idle ones closed, for want of room: of an address's share, or of all."
        ),
        .init(name: "bursar_head_writes_total", kind: .counter, help: "Heads for CloudWatch Logs, by outcome."),
        .init(name: "bursar_ready", kind: .gauge, help: "Whether a part is ready: 1 or 0."),
        .init(name: "process_resident_memory_bytes", kind: .gauge, help: "Resident memory."),
        .init(name: "process_start_time_seconds", kind: .gauge, help: "Start, in seconds since 1970."),
    ]

    private static let powers = [1.0, 2, 4, 8, 16, 32, 64, 128, 256, 512]

    init() {
        argon2 = Timer(label: "bursar_argon2_duration_seconds", factory: registry)
        commitSize = CoreMetrics.Recorder(label: "bursar_commit_vends", factory: registry)
        commits = Timer(label: "bursar_commit_duration_seconds", factory: registry)
        sts = Timer(label: "bursar_sts_duration_seconds", factory: registry)
        // Created at the start, so that the first use is a rise from 0 and not a new series.
        canaries = Counter(label: "bursar_canary_uses_total", factory: registry)
    }

    /// Counts a response; `route` is a registered path, or a word for none.
    func answered(_ route: String, status: Int, error: ErrorCode?, after duration: Duration? = nil) {
        let response = CountedResponse(route: route, status: status, error: error?.rawValue ?? "none")
        counters.withLock { counters in
            if let counter = counters[response] { return counter }
            let labels = [("route", route), ("code", "\(status)"), ("error", response.error)]
            let counter = Counter(label: "bursar_requests_total", dimensions: labels, factory: registry)
            counters[response] = counter
            return counter
        }
        .increment()
        guard let duration else { return }
        times.withLock { times in
            if let timer = times[route] { return timer }
            let labels = [("route", route)]
            let timer = Timer(label: "bursar_request_duration_seconds", dimensions: labels, factory: registry)
            times[route] = timer
            return timer
        }
        .recordNanoseconds(duration.nanoseconds)
    }

    func committed(_ vends: Int, in duration: Duration) {
        commitSize.record(vends)
        commits.recordNanoseconds(duration.nanoseconds)
    }

    /// Counts a connection that was closed or refused for want of room.
    func connectionEnded(_ event: ConnectionTable.Event) {
        let (what, shortage) =
            switch event {
            case .refused(let shortage): ("refused", shortage)
            case .closed(let shortage): ("closed", shortage)
            }
        let labels = [("connection", what), ("room", shortage.rawValue)]
        Counter(label: "bursar_connections_short_total", dimensions: labels, factory: registry).increment()
    }

    func canaryUsed() {
        canaries.increment()
    }

    /// Counts an attempt to write a head of the chain to CloudWatch Logs.
    func headWritten(_ isWritten: Bool) {
        let labels = [("outcome", isWritten ? "written" : "failed")]
        Counter(label: "bursar_head_writes_total", dimensions: labels, factory: registry).increment()
    }

    func hashed(in duration: Duration) {
        argon2.recordNanoseconds(duration.nanoseconds)
    }

    func asked(in duration: Duration, failure: IssuerError?) {
        sts.recordNanoseconds(duration.nanoseconds)
        guard let failure else { return }
        let kind = if case .refused = failure { "refused" } else { "unavailable" }
        Counter(label: "bursar_sts_errors_total", dimensions: [("kind", kind)], factory: registry).increment()
    }
}

extension Duration {
    fileprivate var nanoseconds: Int64 {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }
}

extension ServerMetrics {
    func read(_ connections: ConnectionTable) {
        registry.read("bursar_connections") { Double(connections.held) }
        registry.read("bursar_connections_limit") { Double(connections.limit) }
    }

    /// Adds values of other components, to be read on each request for metrics.
    func read(
        _ service: VendingService,
        _ pool: HashingPool,
        _ recorder: Storage.Recorder,
        _ readiness: Readiness,
        started: Date
    ) {
        registry.read("bursar_vends_total") { Double(recorder.progress.vends) }
        registry.read("bursar_argon2_waiting") { Double(pool.waiting) }
        registry.read("bursar_sessions_total", labels: [("from", "cache")]) { Double(service.sessionFigures.hits) }
        registry.read("bursar_sessions_total", labels: [("from", "issuer")]) { Double(service.sessionFigures.misses) }
        registry.read("bursar_sessions_total", labels: [("from", "stale")]) { Double(service.sessionFigures.stale) }
        registry.read("bursar_ready", labels: [("part", "database")]) { readiness.database() == .ok ? 1 : 0 }
        registry.read("bursar_ready", labels: [("part", "records")]) { readiness.canRecord() ? 1 : 0 }
        registry.read("bursar_ready", labels: [("part", "vending")]) { readiness.isPaused() ? 0 : 1 }
        registry.read("bursar_ready", labels: [("part", "aws")]) { readiness.isIssuerAway() ? 0 : 1 }
        registry.read("process_start_time_seconds") { started.timeIntervalSince1970 }
        if ProcessMemory.resident != nil {
            registry.read("process_resident_memory_bytes") { ProcessMemory.resident.map(Double.init) ?? 0 }
        }
    }
}

/// The memory of this process.
enum ProcessMemory {
    /// The resident size in bytes; nil where the system doesn't report it (proc(5)).
    static var resident: Int? {
        guard let file = try? FileContent.read("/proc/self/statm", limit: 4096) else { return nil }
        let fields = String(decoding: file, as: UTF8.self).split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else { return nil }
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
