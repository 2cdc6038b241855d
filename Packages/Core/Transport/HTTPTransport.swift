#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Sends requests over libcurl; share one for as long as connections should be kept alive.
///
/// At most 64 transfers run at once, 16 to the same origin; 256 more wait, and what comes then is refused as
/// ``TransportFault/busy``. Proxies and their exceptions come from the environment, as libcurl reads it
/// (https://everything.curl.dev/usingcurl/proxies/env.html). TLS is 1.2 or newer.
public final class HTTPTransport: Sendable {
    private let inbox: TransferInbox

    /// - Parameter environment: where `AWS_CA_BUNDLE` and `SSL_CERT_FILE` are looked up, once.
    public init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        inbox = TransferInbox(bundle: CertificateBundle(environment: environment))
    }

    deinit {
        inbox.close()
    }

    /// Sends `request` and collects the answer, whatever its status; redirects are answers like any other.
    ///
    /// - Throws: ``TransportFault``, or `CancellationError` when the task was cancelled (the transfer stops).
    public func send(_ request: OutboundRequest) async throws -> OutboundResponse {
        let deadline = ContinuousClock.now.advanced(by: request.limits.total)
        try Task.checkCancellation()
        try request.checkValidity()
        try inbox.open()
        let cancellation = TransferOrder.Cancellation()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let order = TransferOrder(
                    request: request,
                    deadline: deadline,
                    cancellation: cancellation,
                    continuation: continuation
                )
                do {
                    try inbox.add(order)
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        } onCancel: {
            cancellation.raise()
            inbox.wake()
        }
    }

    /// Ends every transfer and closes every connection; later requests are refused.
    ///
    /// Deinitialisation does the same.
    public func shutdown() {
        inbox.close()
    }
}
