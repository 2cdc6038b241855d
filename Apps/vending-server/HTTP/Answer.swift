import BursarCore
import HTTPTypes
import Hummingbird
import NIOCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The answers that routes give.
enum Answer {
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

    /// A refusal as the caller sees it: its code, one sentence and the request id, nothing of the cause.
    static func refusal(_ code: RefusalCode, requestID: String) throws -> Response {
        var response = try json(ErrorAnswer(code, requestID: requestID), status: .init(code: code.status))
        if let seconds = code.retryAfter { response.headers[.retryAfter] = String(seconds) }
        if code == .methodNotAllowed { response.headers[.allow] = "GET" }
        return response
    }
}

extension RefusalCode {
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
