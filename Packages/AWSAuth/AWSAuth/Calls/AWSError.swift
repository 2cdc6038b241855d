public import BursarHTTP

/// Why a call to AWS brought nothing.
///
/// Cancellation is not among these: it stays `CancellationError`.
/// No case holds a secret. A refusal's message may hold ARNs and account numbers: it is for the log, not for a client.
public enum AWSError: Error, Sendable, Equatable {
    /// AWS answered, and said no.
    case refused(AWSServiceError)
    /// AWS answered with success, and the body isn't what its documentation says; `detail` names the part.
    case malformedAnswer(service: AWSService, status: Int, requestID: String?, detail: String)
    /// No answer came back.
    case transport(service: AWSService, TransportError)
    /// The request would be refused: `field` names the parameter that breaks AWS's documented limits.
    case invalidParameter(service: AWSService, field: String)

    /// Whether the same request may succeed shortly: throttling, 5xx, and faults on the way, never a refusal for cause.
    public var isRetryable: Bool {
        switch self {
        case .refused(let refusal): refusal.isThrottling || refusal.isTransient
        case .transport(_, let fault): fault.isRetryable
        case .malformedAnswer, .invalidParameter: false
        }
    }

    /// AWS's id of the exchange, for its support.
    public var requestID: String? {
        switch self {
        case .refused(let refusal): refusal.requestID
        case .malformedAnswer(_, _, let requestID, _): requestID
        case .transport, .invalidParameter: nil
        }
    }
}

extension TransportError {
    /// Whether another try can help: not when TLS, a proxy's rules, the request or the installation is wrong.
    var isRetryable: Bool {
        switch self {
        case .unresolved, .unreachable, .connectTimedOut, .timedOut, .broken, .notHTTP, .busy: true
        case .proxyRefused(let status, _): status >= 500
        case .proxyFailed: true
        case .untrusted, .tooLarge, .invalidRequest, .proxyMalformed, .libraryMissing: false
        }
    }
}
