import BursarFoundation
import BursarModel
import HTTPTypes
import Hummingbird
import NIOCore
import Vending

/// The answers that routes give.
enum ServedResponse {
    /// What every route answers.
    static let allowedMethods = "GET, HEAD"

    /// JSON as it stands.
    static func json(_ text: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status,
            headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }

    static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return json(String(decoding: try encoder.encode(value), as: UTF8.self), status: status)
    }

    /// The head of a vend that could be had now; how long its body would be isn't known.
    static func withoutVend(_ quota: QuotaStatus) -> Response {
        var response = Response(status: .ok, headers: [.contentType: "application/json"])
        response.headers[.contentLength] = nil
        response.headers.setQuota(quota)
        return response
    }

    /// A refusal as the caller sees it: its code, one sentence and the request id, nothing of the cause.
    static func refusal(_ refusal: VendError, requestID: String, shape: ErrorShape = .standard) throws -> Response {
        let code = refusal.code
        let answer = ErrorResponse(code, refusal.occasion, requestID: requestID)
        let status = HTTPResponse.Status(code: code.status)
        var response =
            switch shape {
            case .standard: try json(answer, status: status)
            case .container: try json(ContainerErrorResponse(answer), status: status)
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
    /// Whole numbers, seconds until there is room again: what most clients of these headers read.
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
    /// Seconds after which asking again makes sense.
    fileprivate var retryAfter: Int? {
        switch self {
        case .rateLimited, .busy: 1
        case .notRecorded, .awsUnavailable: 5
        case .paused, .quotaExhausted: 60
        default: nil
        }
    }
}
