import BursarConsole
import BursarHTTP
import BursarModel

/// Authorizes requests to a local endpoint: they need its token, and must come from neither a browser nor a proxy.
struct LocalEndpointAuthorizer: Sendable {
    let port: Int
    let token: Secret<String>
    /// The text before the token in `Authorization`.
    let scheme: String

    /// The error for a request, or nil if it may proceed.
    ///
    /// A web page can send to any port of this machine, but it can't omit `Origin` or `Sec-Fetch-Site`, and a name that
    /// resolves to this machine (DNS rebinding) shows in `Host`. `Sec-Fetch-Mode` alone comes from Node's `fetch` (seen
    /// 2026-11), which is no browser.
    func refusal(of request: LocalRequest) -> LocalEndpointError? {
        let hosts = request.values("host")
        guard hosts == ["127.0.0.1:\(port)"] || hosts == ["localhost:\(port)"] else { return .hostRefused }
        for name in request.headers.map({ $0.name.lowercased() }) {
            if ["origin", "referer"].contains(name) { return .browserRefused }
            if name.hasPrefix("sec-fetch-"), name != "sec-fetch-mode" { return .browserRefused }
            if ["forwarded", "via"].contains(name) || name.hasPrefix("x-forwarded-") { return .forwardedRefused }
        }
        let presented = request.values("authorization")
        guard !presented.isEmpty else { return .tokenMissing }
        guard presented.count == 1, Secret(presented[0]) == Secret(scheme + token.reveal()) else { return .tokenWrong }
        return nil
    }

    /// A token of 32 random bytes, in characters that need no quoting anywhere.
    static func newToken() -> Secret<String> {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        return Secret(Base62.encode(bytes, length: 43))
    }
}

/// An error response of a local endpoint, in the form that SDKs show: `{"Code","Message"}`.
struct LocalEndpointError: Error, Equatable, Sendable {
    let status: Int
    /// The Bursar server's own code when it refused the request.
    let code: String
    let message: String
    /// The time for which clients of the server should wait.
    var retryAfter = Duration.zero
    /// True if a session handed out before must not be used any longer.
    var isFinal = false

    static let tokenMissing = Self(status: 401, code: "token_missing", message: "the token of this endpoint is missing")
    static let tokenWrong = Self(status: 401, code: "token_wrong", message: "this is not the token of this endpoint")
    static let hostRefused = Self(status: 403, code: "host_refused", message: "Host is not this endpoint")
    static let browserRefused = Self(status: 403, code: "browser_refused", message: "a browser sent this")
    static let forwardedRefused = Self(status: 403, code: "forwarded_refused", message: "this came through a proxy")
    static let notFound = Self(status: 404, code: "not_found", message: "this endpoint has no such path")
    static let methodNotAllowed = Self(status: 405, code: "method_not_allowed", message: "this path is not for that")
    static let stalled = Self(status: 408, code: "body_stalled", message: "the request's body did not come")
    static let versionRefused = Self(status: 505, code: "version_refused", message: "this endpoint speaks HTTP/1.1")
    static let tooLarge = Self(status: 413, code: "too_large", message: "the body is larger than 100 MB")

    var body: String {
        // Two strings always have a form in JSON.
        (try? JSONText.line(["Code": code, "Message": message])) ?? "{}"
    }
}

extension LocalEndpointError {
    /// The response for a failure to get a session, with the message that `creds` shows for it.
    init(_ error: any Error, _ problem: UserFacingError) {
        message = [problem.problem, problem.hint].compactMap { $0 }.joined(separator: "; ")
        switch error {
        case BursarClientError.refused(let refusal):
            status = (400...599).contains(refusal.status) ? refusal.status : 502
            code = refusal.code
            retryAfter = refusal.retryAfter ?? .zero
            isFinal = refusal.reason != nil && (refusal.status == 401 || refusal.status == 403)
        case BursarClientError.fault: (status, code) = (503, "server_unreachable")
        case is BursarClientError: (status, code) = (502, "server_unusable")
        case is SessionRenewal.Failure: (status, code) = (503, "credentials_unusable")
        default: (status, code) = (500, "failed")
        }
    }
}
