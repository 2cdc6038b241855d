/// What an AWS service said when it said no.
public struct AWSServiceError: Sendable, Equatable {
    public let service: AWSService
    /// `AssumeRole`, `Converse`.
    public let operation: String
    /// The HTTP status.
    public let status: Int
    /// AWS's code, `AccessDenied`; `Unknown` when the body doesn't say.
    public let code: String
    public let requestID: String?
    /// AWS's own words, one line of at most 512 characters; may name ARNs and accounts, so it is for the log.
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

    /// Whether AWS wants fewer calls: codes of botocore's standard retry mode, and 429.
    public var isThrottling: Bool {
        status == 429 || Self.throttling.contains(code)
    }

    /// Whether the fault lies with AWS and may pass.
    public var isTransient: Bool {
        [500, 502, 503, 504].contains(status) || Self.transient.contains(code)
    }

    /// Whether the signature's date was too far from AWS's clock.
    var isClockSkew: Bool {
        Self.clockSkew.contains(code)
    }

    /// Whether the credentials themselves have ended or aren't known any more.
    public var isExpiredCredentials: Bool {
        ["ExpiredToken", "ExpiredTokenException", "RequestExpired"].contains(code)
    }

    /// Whether the caller lacks a permission, or something forbids it.
    public var isDenied: Bool {
        ["AccessDenied", "AccessDeniedException", "UnauthorizedOperation"].contains(code)
    }

    /// Whether IAM has nothing of that name.
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
