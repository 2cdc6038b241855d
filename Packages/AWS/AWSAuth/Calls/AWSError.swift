import BursarFoundation
public import BursarHTTP
import BursarModel

/// The failure of a call to AWS.
///
/// Cancellation is not among these: it stays `CancellationError`.
/// No case holds a secret. The message of ``refused(_:)`` may hold ARNs and account numbers: it is for the log, not for
/// a client.
public enum AWSError: Error, Sendable, Equatable {
    /// AWS refused the request.
    case refused(AWSServiceError)
    /// AWS reported success, but the body isn't as documented; `detail` names the part.
    case malformedResponse(service: AWSService, status: Int, requestID: String?, detail: String)
    /// No response arrived.
    case transport(service: AWSService, TransportError)
    /// The request was not sent, since AWS would refuse it: `field` names the parameter outside AWS's documented
    /// limits.
    case invalidParameter(service: AWSService, field: String)

    /// True if the same request may succeed shortly: after throttling, 5xx and network errors, never after a refusal
    /// for cause.
    public var isRetryable: Bool {
        switch self {
        case .refused(let refusal): refusal.isThrottling || refusal.isTransient
        case .transport(_, let fault): fault.isRetryable
        case .malformedResponse, .invalidParameter: false
        }
    }

    /// AWS's request id, which its support asks for.
    public var requestID: String? {
        switch self {
        case .refused(let refusal): refusal.requestID
        case .malformedResponse(_, _, let requestID, _): requestID
        case .transport, .invalidParameter: nil
        }
    }
}

extension TransportError {
    /// True if a retry can help: not when TLS, a proxy's rules, the request or the installation is wrong.
    var isRetryable: Bool {
        switch self {
        case .unresolved, .unreachable, .connectTimedOut, .timedOut, .broken, .notHTTP, .busy: true
        case .proxyRefused(let status, _): status >= 500
        case .proxyFailed: true
        case .untrusted, .tooLarge, .invalidRequest, .proxyMalformed, .libraryMissing: false
        }
    }
}

/// An error response of an AWS service.
public struct AWSServiceError: Sendable, Equatable {
    public let service: AWSService
    /// `AssumeRole`, `Converse`.
    public let operation: String
    /// The HTTP status.
    public let status: Int
    /// AWS's code, `AccessDenied`; `Unknown` when the body doesn't say.
    public let code: String
    public let requestID: String?
    /// AWS's message, one line of at most 512 characters; it may name ARNs and accounts, so it is for the log.
    ///
    /// nil for refusals of the signature, whose message repeats the signed headers, the session token among them.
    public let message: String?

    init(service: AWSService, operation: String, status: Int, code: String, requestID: String?, message: String?) {
        self.service = service
        self.operation = operation
        self.status = status
        self.code = code
        self.requestID = requestID
        self.message = Self.repeatsHeaders.contains(code) ? nil : message.map(Self.line)
    }

    /// True if AWS asks for fewer calls: the codes of botocore's standard retry mode, and 429.
    public var isThrottling: Bool {
        status == 429 || Self.throttling.contains(code)
    }

    /// True for an error on AWS's side that may pass.
    public var isTransient: Bool {
        [500, 502, 503, 504].contains(status) || Self.transient.contains(code)
    }

    /// True if the signature's date was too far from AWS's clock.
    var isClockSkew: Bool {
        Self.clockSkew.contains(code)
    }

    /// True if the credentials have expired.
    public var isExpiredCredentials: Bool {
        ["ExpiredToken", "ExpiredTokenException", "RequestExpired"].contains(code)
    }

    /// True if the caller lacks a permission, or a policy denies the call.
    public var isDenied: Bool {
        ["AccessDenied", "AccessDeniedException", "UnauthorizedOperation"].contains(code)
    }

    /// True if IAM has no entity of that name.
    public var isMissingEntity: Bool {
        code == "NoSuchEntity"
    }

    private static let throttling: Set<String> = [
        "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottledException", "RequestThrottled",
        "TooManyRequestsException", "ProvisionedThroughputExceededException", "TransactionInProgressException",
        "RequestLimitExceeded", "BandwidthLimitExceeded", "LimitExceededException", "SlowDown",
        "PriorRequestNotComplete", "EC2ThrottledException",
    ]
    private static let transient: Set<String> = [
        "RequestTimeout", "RequestTimeoutException", "PriorRequestNotComplete", "IDPCommunicationError",
    ]
    private static let clockSkew: Set<String> = [
        "RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture", "InvalidSignatureException",
        "SignatureDoesNotMatch", "AuthFailure",
    ]
    private static let repeatsHeaders: Set<String> = [
        "SignatureDoesNotMatch", "InvalidSignatureException", "InvalidSignature", "IncompleteSignature",
        "IncompleteSignatureException",
    ]

    private static func line(_ message: String) -> String {
        var line = String.UnicodeScalarView()
        for scalar in message.unicodeScalars.prefix(512) {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: line.append(" ")
            default: line.append(scalar)
            }
        }
        return String(line)
    }
}

/// Parses the body of an error response, in XML or JSON; anything else has the code `Unknown`.
enum AWSErrorBody {
    /// Each value in `hiding` is redacted from the message.
    static func error(
        _ response: HTTPClientResponse,
        service: AWSService,
        operation: String,
        hiding secrets: [Secret<String>]
    ) -> AWSServiceError {
        let details = xml(response) ?? json(response)
        var message = details?.message
        for secret in secrets where !secret.reveal().isEmpty {
            message = message?.replacing(secret.reveal(), with: "<redacted>")
        }
        return AWSServiceError(
            service: service,
            operation: operation,
            status: response.status,
            code: details?.code.flatMap(word) ?? "Unknown",
            requestID: (details?.requestID ?? requestID(response)).flatMap(word),
            message: message
        )
    }

    static func requestID(_ response: HTTPClientResponse) -> String? {
        response.header("x-amzn-requestid") ?? response.header("x-amz-request-id")
    }

    private struct Details {
        let code: String?
        let message: String?
        let requestID: String?
    }

    /// `<ErrorResponse><Error><Code/><Message/></Error><RequestId/></ErrorResponse>`, or the error alone.
    private static func xml(_ response: HTTPClientResponse) -> Details? {
        guard response.body.first == UInt8(ascii: "<"), let root = try? XMLParser.parse(response.body) else {
            return nil
        }
        guard let error = root["Error"] ?? root.at("Errors", "Error") ?? (root.name == "Error" ? root : nil) else {
            return nil
        }
        let requestID = root["RequestId"] ?? root["RequestID"] ?? root.at("ResponseMetadata", "RequestId")
        return Details(code: error["Code"]?.text, message: error["Message"]?.text, requestID: requestID?.text)
    }

    /// `x-amzn-ErrorType` or `__type`, either with a namespace before `#` or a URL after `:`.
    private static func json(_ response: HTTPClientResponse) -> Details? {
        struct Body: Decodable {
            var type: String?
            var code: String?
            var error: String?
            var message: String?
            var capitalMessage: String?
            var description: String?

            enum CodingKeys: String, CodingKey {
                case type = "__type"
                case code = "code"
                case error = "error"
                case message = "message"
                case capitalMessage = "Message"
                case description = "error_description"
            }
        }
        let body = try? JSONDecoder().decode(Body.self, from: response.body)
        let type = response.header("x-amzn-errortype") ?? body?.type ?? body?.code ?? body?.error
        guard body != nil || type != nil else { return nil }
        let code = type.map { String($0.prefix { $0 != ":" }.split(separator: "#").last ?? "") }
        return Details(
            code: code,
            message: body?.message ?? body?.capitalMessage ?? body?.description,
            requestID: nil
        )
    }

    /// A code or id that is safe in a log line; nil for any other.
    private static func word(_ text: String) -> String? {
        guard (1...128).contains(text.utf8.count) else { return nil }
        return text.utf8.allSatisfy { (0x21...0x7E).contains($0) } ? text : nil
    }
}
