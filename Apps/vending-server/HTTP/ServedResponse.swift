import BursarConsole
import BursarFoundation
import BursarModel
import HTTPTypes
import Hummingbird
import NIOCore
import Vending

/// The responses of the routes.
enum ServedResponse {
    /// The methods of every route.
    static let allowedMethods = "GET, HEAD"

    /// A response of JSON text.
    static func json(_ text: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status,
            headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }

    static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
        json(try JSONText.line(value), status: status)
    }

    /// The response to HEAD for a vend that is possible now; the body's length isn't known.
    static func withoutVend(_ quota: QuotaStatus) -> Response {
        var response = Response(status: .ok, headers: [.contentType: "application/json"])
        response.headers[.contentLength] = nil
        response.headers.setQuota(quota)
        return response
    }

    /// An error as the client sees it: its code, one sentence and the request id, without the cause.
    static func refusal(_ refusal: VendError, requestID: String, shape: ErrorShape = .standard) throws -> Response {
        let code = refusal.code
        let body = ErrorResponse(code, refusal.occasion, requestID: requestID)
        let status = HTTPResponse.Status(code: code.status)
        var response =
            switch shape {
            case .standard: try json(body, status: status)
            case .container: try json(ContainerErrorResponse(body), status: status)
            }
        if let limit = refusal.limit {
            let reset = max(1, Int((limit.reset / .seconds(1)).rounded(.up)))
            response.headers[.retryAfter] = String(reset)
            response.headers.setLimit(limit.count, remaining: 0, reset: reset)
        } else if let seconds = code.retryAfter {
            response.headers[.retryAfter] = String(seconds)
        }
        if code == .methodNotAllowed { response.headers[.allow] = allowedMethods }
        if code.status == 401 { response.headers[.wwwAuthenticate] = "Bearer realm=\"bursar\"" }
        return response
    }
}

extension HTTPFields {
    /// Whole numbers, and seconds until the limit resets: the form that most clients of these headers read.
    mutating func setLimit(_ limit: Int, remaining: Int, reset: Int) {
        self[.rateLimitLimit] = String(limit)
        self[.rateLimitRemaining] = String(remaining)
        self[.rateLimitReset] = String(reset)
    }

    mutating func setQuota(_ stand: QuotaStatus) {
        setLimit(stand.limit, remaining: stand.remaining, reset: stand.secondsToReset)
    }
}

extension ErrorCode {
    /// The seconds after which a retry makes sense.
    fileprivate var retryAfter: Int? {
        switch self {
        case .rateLimited, .busy: 1
        case .notRecorded, .awsUnavailable: 5
        case .paused, .quotaExhausted: 60
        default: nil
        }
    }
}

extension HTTPField.Name {
    private static func known(_ name: String) -> Self {
        guard let name = Self(name) else { preconditionFailure("\(name) is no header name") }
        return name
    }

    static let apiKey = known("x-api-key")
    /// The header of the oldest helpers.
    static let oldAPIKey = known("api-key")
    static let referrerPolicy = known("Referrer-Policy")
    static let rateLimitLimit = known("RateLimit-Limit")
    static let rateLimitRemaining = known("RateLimit-Remaining")
    static let rateLimitReset = known("RateLimit-Reset")
}
