import AWSAuth
import BursarConsole
import BursarFoundation
import BursarHTTP
import Logging
import ServerSettings
import Storage
import Synchronization

/// Writes the chain's heads into a log group of CloudWatch's, where whoever edits the database later can't edit them.
///
/// One event for each head, in the form of the log's line, so that `admin audit verify --anchor` reads both. While AWS
/// can't be reached only the newest is kept: it stands for all before it. Nothing waits for it but the stop, and that
/// for a few seconds.
final class HeadLog: Sendable {
    struct Head: Sendable {
        let sequence: Int64
        let hash: String
        let date: Date

        /// The log's line, less what CloudWatch has beside it.
        var message: String { #"{"message":"chain","head":"\#(hash)","sequence":"\#(sequence)"}"# }
    }

    private static let longestStop = Duration.seconds(5)

    private let put: @Sendable (Head) async throws -> Void
    private let logger: Logger
    /// The newest head that isn't written yet, and whether the last try failed.
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

    /// A stream of its own for each machine; its name without what CloudWatch doesn't take.
    static func stream(on host: String) -> String {
        let plain = String(
            host.unicodeScalars.prefix(200).map { scalar in
                scalar.isASCII && (scalar.properties.isAlphabetic || "0123456789.-_".unicodeScalars.contains(scalar))
                    ? Character(scalar) : "-"
            }
        )
        return "chain/" + (plain.isEmpty ? "server" : plain)
    }

    /// Has `head` written as soon as that can be.
    func add(_ head: Head) {
        state.withLock { $0.next = head }
        wake.yield()
    }

    /// Writes what is added, until it is cancelled; `report` is told how each try went.
    func run(report: @escaping @Sendable (_ isWritten: Bool) -> Void) async {
        for await _ in heads { await write(report) }
    }

    /// Writes what is left, within a few seconds; to be called once nothing more is added.
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
            // A newer one stands for it.
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
        case AWSError.refused(let refusal): refusal.message.map { "\(refusal.code): \($0)" } ?? refusal.code
        case AWSError.transport: "CloudWatch Logs can't be reached"
        case AWSError.malformedAnswer: "what answered is not CloudWatch Logs"
        case AWSError.invalidParameter(_, let field): "it would not take the event's \(field)"
        case let error as CredentialError: UserFacingError(error).problem
        case is CancellationError: "the server stopped before there was an answer"
        default: "\(type(of: error))"
        }
    }
}
