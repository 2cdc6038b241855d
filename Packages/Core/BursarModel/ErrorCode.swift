/// The code of a refused request: the `error` of a response, the same word in logs, reports and on the researcher's
/// screen.
package enum ErrorCode: String, Error, Sendable, CaseIterable, Codable {
    case badRequest = "bad_request"
    case keyMissing = "key_missing"
    case keyMalformed = "key_malformed"
    case keyInvalid = "key_invalid"
    case keyRevoked = "key_revoked"
    case keyExpired = "key_expired"
    case researcherDisabled = "researcher_disabled"
    case addressRefused = "address_refused"
    case regionRefused = "region_refused"
    case notFound = "not_found"
    case methodNotAllowed = "method_not_allowed"
    case tooLarge = "too_large"
    case rateLimited = "rate_limited"
    case quotaExhausted = "quota_exhausted"
    case `internal` = "internal"
    case roleRefused = "role_refused"
    case awsUnavailable = "aws_unavailable"
    case busy = "busy"
    case notRecorded = "not_recorded"
    case paused = "paused"

    /// The status of the response that carries it.
    package var status: Int {
        switch self {
        case .badRequest: 400
        case .keyMissing, .keyMalformed, .keyInvalid, .keyRevoked, .keyExpired: 401
        case .researcherDisabled, .addressRefused, .regionRefused: 403
        case .notFound: 404
        case .methodNotAllowed: 405
        case .tooLarge: 413
        case .rateLimited, .quotaExhausted: 429
        case .internal: 500
        case .roleRefused: 502
        case .awsUnavailable, .busy, .notRecorded, .paused: 503
        }
    }

    /// The message for the caller: one sentence with the next step, and nothing about accounts, roles or causes.
    package var message: String {
        switch self {
        case .badRequest: "the request is not understood"
        case .keyMissing: "no key was sent; send it in the x-api-key header"
        case .keyMalformed: "this is not a Bursar key, or a character of it is missing or mistyped; copy it again"
        case .keyInvalid: "this key is not known here; ask your operator for a new one"
        case .keyRevoked: "this key was revoked; ask your operator for a new one"
        case .keyExpired: "this key has expired; ask your operator for a new one"
        case .researcherDisabled: "this researcher's access is switched off; ask your operator"
        case .addressRefused: "this key may not be used from your address; ask your operator to allow it"
        case .regionRefused: "this region is not offered here; ask your operator which ones are"
        case .notFound: "there is nothing at this path; credentials are at /credentials"
        case .methodNotAllowed: "this path answers GET and HEAD only"
        case .tooLarge: "the request is too large"
        case .rateLimited: "too many requests with this key; try again shortly"
        case .quotaExhausted: "today's quota of this key is used up; it starts again at 00:00 UTC"
        case .internal: "something failed here; tell your operator the request id"
        case .roleRefused: "AWS refused to issue credentials; tell your operator the request id"
        case .awsUnavailable: "AWS can't be reached at the moment; try again shortly"
        case .busy: "the server is busy; try again shortly"
        case .notRecorded: "the vend can't be recorded at the moment, so nothing was handed out; try again shortly"
        case .paused: "the operator has paused vending; try again later"
        }
    }
}

extension ErrorCode {
    /// A code where its usual sentence would blame the wrong thing.
    package enum ErrorDetail: Sendable, CaseIterable {
        /// `Authorization` is there, but isn't `Bearer`.
        case otherScheme
        /// The server's own list has no such address; the key wasn't checked.
        case outsideServer
        /// A proxy doesn't say, or says something that is no address.
        case unknownAddress
        /// Too many requests in one go on one connection.
        case pipelined

        package var code: ErrorCode {
            switch self {
            case .otherScheme: .keyMissing
            case .outsideServer, .unknownAddress: .addressRefused
            case .pipelined: .rateLimited
            }
        }

        package var message: String {
            switch self {
            case .otherScheme:
                "no key was sent: Authorization has another scheme than Bearer; send the key in the x-api-key header"
            case .outsideServer: "requests from your address aren't taken here; ask your operator to allow it"
            case .unknownAddress:
                "your address can't be told, since a proxy before this server doesn't pass it on; tell your operator"
            case .pipelined: "too many requests at once on one connection; send one after the other"
            }
        }
    }
}

/// The body of every response that is not a success: `{"message","error","requestID"}`.
package struct ErrorResponse: Codable, Sendable, Equatable {
    package let message: String
    /// A ``ErrorCode``'s word; a string here, so that a newer server's code still reads.
    package let error: String
    package let requestID: String

    package init(_ code: ErrorCode, _ occasion: ErrorCode.ErrorDetail? = nil, requestID: String) {
        message = occasion?.message ?? code.message
        error = code.rawValue
        self.requestID = requestID
    }
}
