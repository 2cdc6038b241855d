import AWSAuth
import AWSClients
import BursarConsole
import BursarFoundation
import BursarHTTP
import Logging
import ServerSettings
import Storage
import Synchronization

/// Writes the chain's heads to a CloudWatch log group, out of reach of someone who edits the database.
///
/// One event for each head, in the format of the log's line, so that `admin audit verify --anchor` reads both. While
/// AWS is unreachable only the newest head is kept: it covers all before it. Only the stop waits for it, for a few
/// seconds.
final class HeadLog: Sendable {
    struct Head: Sendable {
        let sequence: Int64
        let hash: String
        let date: Date

        /// The log's line, without the fields that CloudWatch adds itself.
        var message: String { #"{"message":"chain","head":"\#(hash)","sequence":"\#(sequence)"}"# }
    }

    private static let longestStop = Duration.seconds(5)

    private let put: @Sendable (Head) async throws -> Void
    private let logger: Logger
    /// The newest head that isn't written yet, and the state of the last attempt.
    private let state = Mutex((next: Head?.none, isFailing: false))
    private let heads: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    init(
        _ place: Settings.ChainHeadsLogSettings,
        environment: [String: String],
        logger: Logger,
        now: @escaping @Sendable () -> Date
    )
        throws(UserFacingError)
    {
        let clientContext = AWSClientContext(transport: HTTPTransport(), now: now)
        let chain = CredentialChain(
            environment: environment,
            assumesRole: place.assumesOwnRole,
            clientContext: clientContext
        )
        let client: LogsClient
        do {
            client = try LogsClient(
                region: place.region,
                credentials: RefreshingCredentials(chain, clientContext: clientContext),
                endpoints: EndpointResolver(environment: environment),
                clientContext: clientContext,
                retries: RetryRules(attempts: 2, deadline: .seconds(10))
            )
        } catch {
            throw UserFacingError(error, region: place.region)
        }
        let stream = Self.stream(on: ProcessInfo.processInfo.hostName)
        put = { try await client.put($0.message, at: $0.date, into: stream, of: place.group) }
        self.logger = logger
        (heads, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// The log stream of one machine; its name without characters that CloudWatch refuses.
    static func stream(on host: String) -> String {
        let plain = String(
            host.unicodeScalars.prefix(200).map { scalar in
                scalar.isASCII && (scalar.properties.isAlphabetic || "0123456789.-_".unicodeScalars.contains(scalar))
                    ? Character(scalar) : "-"
            }
        )
        return "chain/" + (plain.isEmpty ? "server" : plain)
    }

    /// Queues `head` for writing.
    func add(_ head: Head) {
        state.withLock { $0.next = head }
        wake.yield()
    }

    /// Writes queued heads until cancelled; `report` receives the outcome of each attempt.
    func run(report: @escaping @Sendable (_ isWritten: Bool) -> Void) async {
        for await _ in heads { await write(report) }
    }

    /// Writes the remaining head within a few seconds; to be called after the last ``add(_:)``.
    func finish(report: @escaping @Sendable (_ isWritten: Bool) -> Void) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.write(report) }
            group.addTask { try? await Task.sleep(for: Self.longestStop) }
            await group.next()
            group.cancelAll()
        }
    }

    private func write(_ report: @Sendable (Bool) -> Void) async {
        guard let head = state.withLock({ $0.next.take() }) else { return }
        do {
            try await put(head)
            report(true)
            let wasFailing = state.withLock { state in
                defer { state.isFailing = false }
                return state.isFailing
            }
            if wasFailing { logger.notice("heads of the chain are written to CloudWatch Logs again") }
        } catch {
            // A newer head covers this one.
            state.withLock { $0.next = $0.next ?? head }
            report(false)
            let wasFailing = state.withLock { state in
                defer { state.isFailing = true }
                return state.isFailing
            }
            guard !wasFailing else { return }
            logger.warning(
                "heads of the chain can't be written to CloudWatch Logs; they are in this log alone",
                metadata: ["cause": "\(Self.cause(error))", "setting": "\(Setting.headsLogGroup.environmentName)"]
            )
        }
    }

    private static func cause(_ error: any Error) -> String {
        switch error {
        case AWSError.invalidParameter(_, let field): "it would not take the event's \(field)"
        case is CancellationError: "the server stopped before there was an answer"
        default: LoggedCause.text(of: error, service: "CloudWatch Logs")
        }
    }
}
