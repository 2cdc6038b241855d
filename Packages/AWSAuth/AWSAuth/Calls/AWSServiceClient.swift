import BursarFoundation
import BursarHTTP
import BursarModel

/// The way to one service: its endpoint, who signs, and how often to try.
///
/// Each client is a few functions over one.
struct AWSServiceClient: Sendable {
    let service: AWSService
    let endpoint: Endpoint
    /// nil for services that take unsigned calls only.
    let credentials: (any CredentialProvider)?
    let clientContext: AWSClientContext
    let keys = SigningKeyCache()
    let clock = ClockSkew()
    var limits = TransferLimits()
    var retries = RetryRules()

    /// Sends `call` and returns its answer if that is a success; tries again where that can help.
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    func send(_ call: AWSRequest, hiding secrets: [Secret<String>] = []) async throws -> HTTPClientResponse {
        if call.bringsXML, !XMLParser.isAvailable {
            // Before anything is sent: an answer that can't be read tells nothing of what was done.
            throw AWSError.transport(service: service, .libraryMissing(detail: XMLParser.remedy))
        }
        let start = clientContext.now()
        var attempt = 1
        var hasCorrectedClock = false
        while true {
            let outcome = try await attemptOnce(call, hiding: secrets)
            switch outcome {
            case .answer(let response): return response
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
        case answer(HTTPClientResponse)
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
        guard !(200..<300).contains(response.status) else { return .answer(response) }
        let own = [credentials?.secretAccessKey, credentials?.sessionToken].compactMap { $0 }
        let refusal = AWSErrorBody.refusal(
            response,
            service: service,
            operation: call.operation,
            hiding: own + secrets
        )
        return .failure(.refused(refusal), response)
    }

    /// nil when the deadline, or what the service asks for, leaves no room for another try.
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
