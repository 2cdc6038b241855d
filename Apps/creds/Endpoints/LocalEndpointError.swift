import BursarConsole
import BursarHTTP
import BursarModel

/// A local endpoint's no, as SDKs show it: `{"Code","Message"}`.
struct LocalEndpointError: Error, Equatable, Sendable {
    let status: Int
    /// The Bursar server's own word where it is the one that said no.
    let code: String
    let message: String
    /// How long whoever asked the server is to stay away.
    var retryAfter = Duration.zero
    /// What was handed out before is not to be handed out any longer.
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
    /// What kept a session from being had, in the words that `creds` has for it.
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
