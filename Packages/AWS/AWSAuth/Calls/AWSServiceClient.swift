public import BursarFoundation
public import BursarHTTP
package import BursarModel
import Synchronization

/// One AWS service in one region: its endpoint, the credentials that sign, and the rules for retries.
///
/// Each client is a few functions over one.
package struct AWSServiceClient: Sendable {
    let service: AWSService
    let endpoint: Endpoint
    /// nil for services whose calls are all unsigned.
    let credentials: (any CredentialProvider)?
    let clientContext: AWSClientContext
    let keys = SigningKeyCache()
    let clock = ClockSkew()
    package var retries: RetryRules
    /// The limits of each attempt.
    package var limits: TransferLimits

    /// A client of the endpoint that `endpoints` gives for `service` in `region`.
    package init(
        service: AWSService,
        region: String,
        credentials: (any CredentialProvider)?,
        endpoints: EndpointResolver,
        clientContext: AWSClientContext,
        retries: RetryRules = RetryRules(),
        limits: TransferLimits = TransferLimits()
    ) throws(EndpointError) {
        self.service = service
        endpoint = try endpoints.endpoint(for: service, region: region)
        self.credentials = credentials
        self.clientContext = clientContext
        self.retries = retries
        self.limits = limits
    }

    /// Sends `call` and returns the response of a success; retries where that can help.
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func send(_ call: AWSRequest, hiding secrets: [Secret<String>] = []) async throws -> HTTPClientResponse {
        if call.returnsXML, !XMLParser.isAvailable {
            // Before anything is sent: a response that can't be parsed doesn't show whether the operation was carried
            // out.
            throw AWSError.transport(service: service, .libraryMissing(detail: XMLParser.remedy))
        }
        let start = clientContext.now()
        var attempt = 1
        var hasCorrectedClock = false
        while true {
            let outcome = try await attemptOnce(call, hiding: secrets)
            switch outcome {
            case .success(let response): return response
            case .failure(let error, let response):
                if !hasCorrectedClock, case .refused(let refusal) = error, refusal.isClockSkew, let response,
                    clock.learn(from: response, at: clientContext.now())
                {
                    hasCorrectedClock = true
                    continue
                }
                guard attempt < retries.attempts(after: error), call.isRepeatable(after: error), error.isRetryable,
                    let pause = pause(after: attempt, response, since: start)
                else { throw error }
                try await clientContext.sleep(pause)
                attempt += 1
            }
        }
    }

    private enum Outcome {
        case success(HTTPClientResponse)
        case failure(AWSError, HTTPClientResponse?)
    }

    private func attemptOnce(_ call: AWSRequest, hiding secrets: [Secret<String>]) async throws -> Outcome {
        var credentials: AWSCredentials?
        if call.isSigned {
            guard let provider = self.credentials else { throw CredentialError.notFound }
            credentials = try await provider.credentials()
        }
        let request = try signed(call, with: credentials, at: clock.corrected(clientContext.now()))
        let response: HTTPClientResponse
        do {
            response = try await clientContext.send(request)
        } catch let fault as TransportError {
            return .failure(.transport(service: service, fault), nil)
        }
        guard !(200..<300).contains(response.status) else { return .success(response) }
        let own = [credentials?.secretAccessKey, credentials?.sessionToken].compactMap { $0 }
        let refusal = AWSErrorBody.error(
            response,
            service: service,
            operation: call.operation,
            hiding: own + secrets
        )
        return .failure(.refused(refusal), response)
    }

    /// The pause before the next attempt; nil when the deadline or the service's `Retry-After` leaves no room for one.
    private func pause(after attempt: Int, _ response: HTTPClientResponse?, since start: Date) -> Duration? {
        let now = clientContext.now()
        let asked = response.flatMap { RetryRules.asked($0, at: now) }
        guard let pause = retries.pause(after: attempt, asked: asked, chance: clientContext.chance()) else {
            return nil
        }
        let spent = Duration.seconds(now.timeIntervalSince(start))
        return spent + pause < retries.deadline ? pause : nil
    }

    private func signed(
        _ call: AWSRequest,
        with credentials: AWSCredentials?,
        at date: Date
    ) throws -> HTTPClientRequest {
        var headers = call.headers
        let url = endpoint.url + call.target
        if let credentials {
            let signer = SigV4(service: service.signingName, region: endpoint.signingRegion, keys: keys)
            let request = SigningRequest(
                method: call.method.rawValue,
                url: url,
                headers: headers,
                payload: .bytes(call.body ?? Data())
            )
            headers = try signer.sign(request, with: credentials, at: date).headers
        }
        var request = HTTPClientRequest(call.method, url: url, headers: headers, body: call.body, limits: limits)
        request.goesDirect = endpoint.isLoopback
        return request
    }
}

/// The dependencies of every call to AWS: a transport, a clock, a sleep and a source of jitter.
public struct AWSClientContext: Sendable {
    let send: @Sendable (HTTPClientRequest) async throws -> HTTPClientResponse
    let now: @Sendable () -> Date
    let sleep: @Sendable (Duration) async throws -> Void
    /// 0 up to, not including, 1.
    let chance: @Sendable () -> Double

    /// The context for production; share one transport, so that connections are kept alive.
    public init(transport: HTTPTransport, now: @escaping @Sendable () -> Date) {
        self.init(
            send: { try await transport.send($0) },
            now: now,
            sleep: { try await Task.sleep(for: $0) },
            chance: { Double.random(in: 0..<1) }
        )
    }

    /// A context of given parts, for tests.
    package init(
        send: @escaping @Sendable (HTTPClientRequest) async throws -> HTTPClientResponse,
        now: @escaping @Sendable () -> Date,
        sleep: @escaping @Sendable (Duration) async throws -> Void,
        chance: @escaping @Sendable () -> Double
    ) {
        self.send = send
        self.now = now
        self.sleep = sleep
        self.chance = chance
    }
}

/// The offset of AWS's clock from this machine's, learned when AWS refuses a signature for its date.
final class ClockSkew: Sendable {
    /// In seconds: a smaller offset is accepted by AWS, and a slow response alone explains it.
    static let tolerated: TimeInterval = 240

    private let seconds = Mutex<TimeInterval>(0)

    func corrected(_ date: Date) -> Date {
        date.addingTimeInterval(seconds.withLock { $0 })
    }

    /// Sets the offset from the response's `Date`; returns false if it is unchanged, so that a retry can't help.
    func learn(from response: HTTPClientResponse, at local: Date) -> Bool {
        guard let date = response.header("date").flatMap({ HTTPDate.date($0) }) else { return false }
        let offset = date.timeIntervalSince(local)
        return seconds.withLock { seconds in
            guard abs(offset - seconds) > Self.tolerated else { return false }
            seconds = offset
            return true
        }
    }
}
