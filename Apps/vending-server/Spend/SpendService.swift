import AWSAuth
import AWSClients
import AWSOperations
import BursarConsole
import BursarFoundation
import BursarHTTP
import Dispatch
import Logging
import ServerSettings
import ServiceLifecycle
import Spend
import SpendPull
import Storage
import Vending

/// Counts the calls that Bedrock has logged, one server of a database at a time.
///
/// It reads windows that overlap, since records come late (``PullSchedule``); each call counts once. Vends don't depend on
/// it: if a log can't be read, that is logged once, and tried again.
struct SpendService: Service {
    private static let pause = Duration.seconds(15)

    private let regions: [Region]
    private let pull: LogPull
    private let lease: SpendLease
    private let logger: Logger
    private let now: @Sendable () -> Date
    private let holder = UUID().uuidString
    private let queue = DispatchQueue(label: "bursar.spend.lease")

    /// A region's log, and its reading so far.
    private struct Region {
        let source: InvocationLogSource
        var schedule = PullSchedule()
        var isFailing = false
    }

    /// - Throws: ``UserFacingError`` if an endpoint of AWS is set to one that isn't taken.
    init(
        _ role: Settings.STSRole,
        _ settings: Settings,
        store: Store,
        environment: [String: String],
        logger: Logger,
        now: @escaping @Sendable () -> Date
    ) throws(UserFacingError) {
        let clientContext = AWSClientContext(transport: HTTPTransport(), now: { Date() })
        let chain = CredentialChain(
            environment: environment,
            assumesRole: role.assumesOwnRole,
            clientContext: clientContext
        )
        let credentials = RefreshingCredentials(chain, clientContext: clientContext)
        var regions: [Region] = []
        for region in settings.terms.regions {
            do {
                let clients = try InvocationLogClients(
                    in: region,
                    credentials: credentials,
                    endpoints: EndpointResolver(environment: environment),
                    clientContext: clientContext
                )
                regions.append(Region(source: InvocationLogSource(clients)))
            } catch {
                throw UserFacingError(error, region: region)
            }
        }
        let arns = [role.arn] + role.projects.values
        let ingest = SpendIngest(
            store.database,
            roles: Set(arns.compactMap { VendedRole(arn: $0) }),
            months: settings.spend.keptMonths,
            now: now
        )
        self.regions = regions
        pull = LogPull(ingest)
        lease = store.spendLease
        self.logger = logger
        self.now = now
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var regions = regions
            while !Task.isCancelled {
                for index in regions.indices where !Task.isCancelled { await read(&regions[index]) }
                try? await Task.sleep(for: Self.pause)
            }
        }
    }

    /// Reads the window of a region that is due, if no other server has the lease.
    private func read(_ region: inout Region) async {
        let name = region.source.region
        guard let window = region.schedule.window(at: now()) else { return }
        var tally = SpendTally()
        do {
            guard try await takeLease() else { return }
            defer { note(tally, in: name) }
            try await pull.read(region.source, window, into: &tally)
            region.schedule.finish(window)
            if region.isFailing { logger.notice("calls are counted again", metadata: ["region": "\(name)"]) }
            region.isFailing = false
        } catch is CancellationError {
            return
        } catch {
            if !region.isFailing {
                logger.warning(
                    "calls can't be counted",
                    metadata: ["region": "\(name)", "cause": "\(Self.cause(error, in: name))"]
                )
            }
            region.isFailing = true
        }
    }

    private func takeLease() async throws -> Bool {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { [lease, holder, now] in
                continuation.resume(with: Result { try lease.take(as: holder, at: now()) })
            }
        }
    }

    private func note(_ tally: SpendTally, in region: String) {
        if tally.calls > 0 {
            logger.info("calls counted", metadata: ["region": "\(region)", "calls": "\(tally.calls)"])
        }
        if tally.quarantined > 0 {
            logger.warning(
                "lines of the invocation log can't be counted: admin spend quarantine",
                metadata: ["region": "\(region)", "lines": "\(tally.quarantined)"]
            )
        }
    }

    private static func cause(_ error: any Error, in region: String) -> String {
        switch error {
        case let reason as UnreadableLog: reason.problem(in: region).problem
        case let error as InvocationLogCallError: cause(error.cause, in: region)
        case let error as StoreError: UserFacingError(error).problem
        default: LoggedCause.text(of: error, service: "AWS")
        }
    }
}
