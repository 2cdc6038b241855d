import BursarHTTP
import BursarModel

/// Asks a server again when it may help: after 429, 5xx and broken connections, within one limit for all tries.
struct RetryingClient: Sendable {
    let server: ServerURL
    let transport: HTTPTransport
    private static let tries = 3

    /// A server that is heard once and is too slow the next time is reported with what it said.
    ///
    /// - Throws: the last try's ``BursarClientError``, or `CancellationError`.
    func credentials(
        key: Secret<String>,
        minLeft: TimeSpan? = nil,
        within limit: Duration
    ) async throws -> SessionCredentials {
        let clock = ContinuousClock()
        let deadline = clock.now.advanced(by: limit)
        var attempt = 1
        var received: BursarClientError?
        while true {
            let left = clock.now.duration(to: deadline)
            let client = BursarClient(server: server, transport: transport, limits: Self.limits(within: left))
            do {
                return try await client.credentials(key: key, minLeft: minLeft)
            } catch BursarClientError.fault(let late) where late.isTimeOut {
                throw received ?? .fault(late)
            } catch let fault as BursarClientError {
                let pause = fault.pause(before: attempt)
                guard attempt < Self.tries, let pause, clock.now + pause < deadline else { throw fault }
                if case .refused = fault { received = fault }
                try await clock.sleep(for: pause)
                attempt += 1
            }
        }
    }

    /// One try's limits: a server that waits for AWS says nothing for as long, and is then heard.
    static func limits(within left: Duration) -> TransferLimits {
        TransferLimits(connect: min(left, .seconds(3)), total: left, stall: left, body: 64 << 10)
    }
}

extension BursarClientError {
    /// How long to wait after try number `attempt`; nil when another wouldn't end otherwise.
    fileprivate func pause(before attempt: Int) -> Duration? {
        let usual = Duration.milliseconds(300 * attempt * attempt) * Double.random(in: 0.5...1.5)
        switch self {
        case .refused(let refusal):
            guard refusal.status == 429 || refusal.status >= 500 else { return nil }
            return max(usual, refusal.retryAfter ?? .zero)
        case .notBursar(let status):
            return status == 429 || status >= 500 ? usual : nil
        case .fault(.proxyRefused(let status, _)):
            return status >= 500 ? usual : nil
        case .fault(.unresolved), .fault(.unreachable), .fault(.proxyFailed), .fault(.broken), .fault(.notHTTP),
            .fault(.busy):
            return usual
        case .fault, .redirected:
            return nil
        }
    }
}

extension TransportError {
    fileprivate var isTimeOut: Bool {
        switch self {
        case .timedOut, .connectTimedOut: true
        default: false
        }
    }
}
