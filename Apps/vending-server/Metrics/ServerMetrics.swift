import BursarModel
import CoreMetrics
import Synchronization
import Vending

/// What the server counts.
///
/// Labels come from lists of our own, never from what a client sent.
final class ServerMetrics: Sendable {
    let registry = PrometheusRegistry(ServerMetrics.definitions)
    private let answers = Mutex<[CountedResponse: Counter]>([:])
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
        // Made at the start, so that the first use is a rise from 0 and not a new series.
        canaries = Counter(label: "bursar_canary_uses_total", factory: registry)
    }

    /// A request was answered; `route` is one of ours, or a word for none.
    func answered(_ route: String, status: Int, error: ErrorCode?, after duration: Duration? = nil) {
        let answer = CountedResponse(route: route, status: status, error: error?.rawValue ?? "none")
        answers.withLock { answers in
            if let counter = answers[answer] { return counter }
            let labels = [("route", route), ("code", "\(status)"), ("error", answer.error)]
            let counter = Counter(label: "bursar_requests_total", dimensions: labels, factory: registry)
            answers[answer] = counter
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

    /// There was no room for a connection.
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

    /// A head of the chain was to be written to CloudWatch Logs.
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
