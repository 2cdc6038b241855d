import AWSAuth
import BursarFoundation
import BursarHTTP
import BursarModel

/// Sends requests on to Bedrock's runtime, each with a bearer token that was made for it.
struct BedrockForwarder: Sendable {
    let gate: LocalEndpointAuthorizer
    let session: InMemorySession
    let upstream: Upstream
    let region: AWSRegion
    /// How long each token may live: it has to begin a request, which may then take longer.
    let tokenLife: Duration
    let transport: HTTPTransport
    let now: @Sendable () -> Date

    /// Where requests go.
    struct Upstream: Sendable {
        /// Without a slash at the end.
        let url: String
        let isLoopback: Bool
    }

    func handle(_ request: LocalRequest, _ relay: BodyRelay, _ answer: LocalResponse) async throws {
        let bearer: BedrockToken
        let body: HTTPClientRequestBody?
        do throws(LocalEndpointError) {
            try check(request)
            body = try self.body(of: request, relay)
            bearer = try await self.bearer()
        } catch {
            return try await answer.refuse(error)
        }
        if body != nil, request.values("expect").contains(where: { $0.lowercased() == "100-continue" }) {
            try await answer.proceed()
        }
        var outbound = HTTPClientRequest(
            request.method == "GET" ? .get : .post,
            url: upstream.url + request.target,
            headers: ForwardedHeaders.request(request.headers)
                + [(name: "Authorization", value: "Bearer \(bearer.value.reveal())")]
        )
        outbound.goesDirect = upstream.isLoopback
        let response: StreamedResponse
        do {
            response = try await transport.stream(outbound, body: body)
        } catch let refusal as LocalEndpointError {
            return try await answer.refuse(refusal)
        } catch let fault as TransportError {
            return try await answer.refuse(.upstream(fault))
        }
        try await pass(response, to: answer)
    }

    private func check(_ request: LocalRequest) throws(LocalEndpointError) {
        if let refusal = gate.refusal(of: request) { throw refusal }
        guard BedrockRuntimeRoute.accepts(request.target) else { throw .notFound }
        guard ["GET", "POST"].contains(request.method) else { throw .methodNotAllowed }
    }

    /// nil where there is none.
    private func body(of request: LocalRequest, _ relay: BodyRelay) throws(LocalEndpointError) -> HTTPClientRequestBody?
    {
        if let text = request.values("content-length").first {
            guard let length = Int(text), length <= Self.longestBody else { throw .tooLarge }
            guard length > 0 || request.method == "POST" else { return nil }
            return HTTPClientRequestBody(length: length, pieces: relay)
        }
        guard !request.values("transfer-encoding").isEmpty else {
            return request.method == "POST" ? HTTPClientRequestBody(length: 0, pieces: relay) : nil
        }
        return HTTPClientRequestBody(length: nil, pieces: relay)
    }

    /// Four times what Bedrock takes.
    static let longestBody = 100_000_000

    /// Made anew for each request, in less time than looking after one would be worth.
    private func bearer() async throws(LocalEndpointError) -> BedrockToken {
        guard let credentials = try await session.session().credentials else { throw .unreadable }
        do {
            return try BedrockToken.provide(
                region: region.description,
                credentials: AWSCredentials(credentials),
                expiry: tokenLife,
                at: now()
            )
        } catch {
            throw LocalEndpointError(status: 503, code: "credentials_unusable", message: "no token can be made")
        }
    }

    /// Breaks off when Bedrock does, so that the client never takes a part for the whole.
    private func pass(_ response: StreamedResponse, to answer: LocalResponse) async throws {
        let isRefused = response.status == 403 && response.header("x-amzn-errortype")?.hasPrefix("ExpiredToken") == true
        do {
            try await answer.begin(response.status, ForwardedHeaders.answer(response.headers))
            for try await piece in response.body { try await answer.write(piece) }
            try await answer.end()
        } catch {
            // A client that has read all of it may be gone before the end is written.
            if isRefused { await session.refreshRefused() }
            throw error
        }
        if isRefused { await session.refreshRefused() }
    }
}

extension LocalEndpointError {
    /// What keeps Bedrock from being asked.
    static func upstream(_ fault: TransportError) -> Self {
        let message = NetworkError(fault, service: "Bedrock").message
        return switch fault {
        case .timedOut, .connectTimedOut: Self(status: 504, code: "bedrock_timed_out", message: message)
        case .busy: Self(status: 503, code: "busy", message: "too many requests are under way")
        case .untrusted: Self(status: 502, code: "bedrock_untrusted", message: message)
        case .invalidRequest: Self(status: 400, code: "bad_request", message: "the request can't be sent on")
        case .unresolved, .unreachable, .proxyRefused, .proxyFailed, .proxyMalformed, .tooLarge, .broken, .notHTTP,
            .libraryMissing:
            Self(status: 502, code: "bedrock_unreachable", message: message)
        }
    }
}
