import BursarHTTP
import BursarModel

/// Retries requests after 429, 5xx and broken connections, within one time limit for all attempts.
struct RetryingClient: Sendable {
    let server: ServerURL
    let transport: HTTPTransport
    private static let tries = 3

    /// Fetches credentials.
    ///
    /// If a retry times out after an earlier response, that response is the error.
    ///
    /// - Throws: the last attempt's ``BursarClientError``, or `CancellationError`.
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

    /// The limits of one attempt.
    ///
    /// There is no separate stall limit, since a server that waits for AWS sends nothing for as long.
    static func limits(within left: Duration) -> TransferLimits {
        TransferLimits(connect: min(left, .seconds(3)), total: left, stall: left, body: 64 << 10)
    }
}

extension BursarClientError {
    /// The pause after attempt number `attempt`; nil when a retry would fail the same way.
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
