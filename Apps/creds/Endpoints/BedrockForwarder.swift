import AWSAuth
import AWSClients
import BursarFoundation
import BursarHTTP
import BursarModel

/// Forwards requests to Bedrock's runtime, each with a bearer token of its own.
struct BedrockForwarder: Sendable {
    let authorizer: LocalEndpointAuthorizer
    let session: InMemorySession
    let upstream: Upstream
    let region: AWSRegion
    /// The lifetime of each token.
    ///
    /// It has to be valid when a request begins, which may then take longer.
    let tokenLifetime: Duration
    let transport: HTTPTransport
    let now: @Sendable () -> Date

    /// The endpoint to which requests are forwarded.
    struct Upstream: Sendable {
        /// The base URL, without a trailing slash.
        let url: String
        let isLoopback: Bool
    }

    func handle(_ request: LocalRequest, _ relay: BodyRelay, _ response: LocalResponse) async throws {
        let bearer: BedrockToken
        let body: HTTPClientRequestBody?
        do throws(LocalEndpointError) {
            try check(request)
            body = try self.body(of: request, relay)
            bearer = try await self.bearer()
        } catch {
            return try await response.refuse(error)
        }
        if body != nil, request.values("expect").contains(where: { $0.lowercased() == "100-continue" }) {
            try await response.proceed()
        }
        var outbound = HTTPClientRequest(
            request.method == "GET" ? .get : .post,
            url: upstream.url + request.target,
            headers: ForwardedHeaders.request(request.headers)
                + [(name: "Authorization", value: "Bearer \(bearer.value.reveal())")]
        )
        outbound.goesDirect = upstream.isLoopback
        let upstreamResponse: StreamedResponse
        do {
            upstreamResponse = try await transport.stream(outbound, body: body)
        } catch let refusal as LocalEndpointError {
            return try await response.refuse(refusal)
        } catch let fault as TransportError {
            return try await response.refuse(.upstream(fault))
        }
        try await pass(upstreamResponse, to: response)
    }

    private func check(_ request: LocalRequest) throws(LocalEndpointError) {
        if let refusal = authorizer.refusal(of: request) { throw refusal }
        guard BedrockRuntimeRoute.accepts(request.target) else { throw .notFound }
        guard ["GET", "POST"].contains(request.method) else { throw .methodNotAllowed }
    }

    /// The request's body; nil if it has none.
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

    /// Four times Bedrock's limit.
    static let longestBody = 100_000_000

    /// Makes a token for each request, which takes less time than maintaining a cached one would be worth.
    private func bearer() async throws(LocalEndpointError) -> BedrockToken {
        guard let credentials = try await session.session().credentials else { throw .unreadable }
        do {
            return try BedrockToken.provide(
                region: region.description,
                credentials: AWSCredentials(credentials),
                expiry: tokenLifetime,
                at: now()
            )
        } catch {
            throw LocalEndpointError(status: 503, code: "credentials_unusable", message: "no token can be made")
        }
    }

    /// Relays the response, and closes the connection if Bedrock does, so that the client never takes a part for the
    /// whole.
    private func pass(_ upstreamResponse: StreamedResponse, to response: LocalResponse) async throws {
        let isRefused =
            upstreamResponse.status == 403
            && upstreamResponse.header("x-amzn-errortype")?.hasPrefix("ExpiredToken") == true
        do {
            try await response.begin(upstreamResponse.status, ForwardedHeaders.response(upstreamResponse.headers))
            for try await piece in upstreamResponse.body { try await response.write(piece) }
            try await response.end()
        } catch {
            // A client that has read the whole response may close before the end is written.
            if isRefused { await session.refreshRefused() }
            throw error
        }
        if isRefused { await session.refreshRefused() }
    }
}

extension LocalEndpointError {
    /// The error for a request that could not reach Bedrock.
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

/// The headers that the proxy forwards.
enum ForwardedHeaders {
    /// The hop-by-hop headers: https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1.
    private static let hopByHop: Set = [
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
        "transfer-encoding", "upgrade",
    ]
    /// Headers that the forwarded request sets itself, or that concern only this proxy.
    private static let replaced: Set = ["host", "content-length", "expect", "authorization", "cookie"]

    /// The client's headers, without its authorization and whatever it signed (`X-Amz-…`; Bedrock's own are
    /// `X-Amzn-…`).
    static func request(_ headers: [(name: String, value: String)]) -> [(name: String, value: String)] {
        withoutHops(headers).filter { name, _ in
            let name = name.lowercased()
            return !replaced.contains(name) && !name.hasPrefix("x-amz-")
        }
    }

    /// The headers of Bedrock's response.
    static func response(_ headers: [(name: String, value: String)]) -> [(name: String, value: String)] {
        withoutHops(headers)
    }

    private static func withoutHops(_ headers: [(name: String, value: String)]) -> [(name: String, value: String)] {
        let named = headers.filter { $0.name.lowercased() == "connection" }
            .flatMap { $0.value.split(separator: ",").map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() } }
        let hops = hopByHop.union(named)
        return headers.filter { !hops.contains($0.name.lowercased()) }
    }
}

/// The allow-list of Bedrock runtime paths: no other request is forwarded with a researcher's token.
enum BedrockRuntimeRoute {
    /// The paths of botocore 1.43: `/model/ID/…`, `/guardrail/ID/version/N/apply`, `/async-invoke[/ARN]`.
    private static let roots = ["model", "guardrail", "async-invoke"]

    /// Returns true if `target`, the unmodified path and query, is such a path and unambiguous to every parser.
    ///
    /// Escapes are allowed, since a model's ARN is one segment with its slashes escaped. No segment may be empty or
    /// dots, before or after its escapes are decoded, nor contain an escape then.
    static func accepts(_ target: String) -> Bool {
        guard target.utf8.count <= 8192, target.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x23 }) else {
            return false
        }
        let path = target.prefix { $0 != "?" }
        let segments = path.split(separator: "/", omittingEmptySubsequences: false)
        guard segments.count > 1, segments[0].isEmpty, roots.contains(String(segments[1])) else { return false }
        guard segments.count > 2 || segments[1] == "async-invoke" else { return false }
        return segments.dropFirst().allSatisfy { segment in
            guard let plain = unescaped(segment) else { return false }
            return plain.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
                .allSatisfy { !$0.isEmpty && !$0.elementsEqual(".".utf8) && !$0.elementsEqual("..".utf8) }
        }
    }

    /// The decoded segment; nil if it is malformed, or has a character that no AWS name has: a control character, `%`,
    /// `\`, or non-ASCII.
    private static func unescaped(_ segment: Substring) -> [UInt8]? {
        var plain: [UInt8] = []
        var rest = Array(segment.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                plain.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, digits.allSatisfy({ $0.isASCIILetterOrDigit }),
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            else { return nil }
            plain.append(value)
            rest = rest.dropFirst(2)
        }
        let isPlain = plain.allSatisfy { (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "%") && $0 != 0x5C }
        return isPlain ? plain : nil
    }
}
