import BursarHTTP
import BursarModel

/// A request to an endpoint that stands beside this program: a short wait, a small answer, and never through a proxy.
struct MetadataRequest {
    var method = HTTPClientRequest.Method.get
    let url: String
    var headers: [(name: String, value: String)] = []
    let timeout: Duration

    /// Sends it; faults on the way and 5xx or 429 are tried again.
    ///
    /// - Throws: ``CredentialError/failed(source:detail:)``, or `CancellationError`.
    func send(
        _ clientContext: AWSClientContext,
        attempts: Int,
        pause: Duration,
        source: String
    ) async throws -> HTTPClientResponse {
        var attempt = 1
        while true {
            let limits = TransferLimits(connect: timeout, total: timeout, body: 64 << 10)
            var request = HTTPClientRequest(method, url: url, headers: headers, limits: limits)
            request.goesDirect = true
            do {
                let response = try await clientContext.send(request)
                let mayPass = response.status == 429 || (500..<600).contains(response.status)
                if !mayPass || attempt >= attempts { return response }
            } catch let fault as TransportError {
                if !fault.isRetryable || attempt >= attempts {
                    throw CredentialError.failed(source: source, detail: "the endpoint doesn't answer")
                }
            }
            attempt += 1
            try await clientContext.sleep(pause)
        }
    }
}
