public import BursarFoundation

/// Sends requests over libcurl; share one for as long as connections should be kept alive.
///
/// At most 64 transfers run at once, 16 to the same origin; 256 more wait, and what comes then is refused as
/// ``TransportError/busy``. Proxies and their exceptions come from the environment, as libcurl reads them
/// (https://everything.curl.dev/usingproxies/env.html). TLS is 1.2 or newer.
public final class HTTPTransport: Sendable {
    let inbox: TransferQueue

    /// - Parameter environment: read once, for `AWS_CA_BUNDLE`, `SSL_CERT_FILE` and the proxies' variables.
    public init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        inbox = TransferQueue(settings: NetworkSettings(environment: environment))
    }

    deinit {
        inbox.close()
    }

    /// Sends `request` and collects the response, whatever its status; redirects are responses like any other.
    ///
    /// - Throws: ``TransportError``, or `CancellationError` when the task was cancelled (the transfer stops).
    public func send(_ request: HTTPClientRequest) async throws -> HTTPClientResponse {
        try await start(request, limits: StreamLimits(request.limits)) { continuation, _ in
            BufferedResponseSink(limit: request.limits.body, continuation: continuation)
        }
    }

    /// Puts a request on its way and waits for what its sink makes of the response.
    ///
    /// `sink` is made from the continuation that waits, and from what ends the transfer.
    func start<Answer: Sendable>(
        _ request: HTTPClientRequest,
        body: HTTPClientRequestBody? = nil,
        limits: StreamLimits,
        sink: (CheckedContinuation<Answer, any Error>, @escaping @Sendable () -> Void) -> any ResponseSink
    ) async throws -> Answer {
        let deadline = limits.deadline(from: .now)
        try Task.checkCancellation()
        try request.checkValidity()
        try inbox.open()
        let cancellation = QueuedTransfer.Cancellation()
        let end = { @Sendable [inbox] in
            cancellation.raise()
            inbox.wake()
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let order = QueuedTransfer(
                    request: request,
                    body: body.map { BodyQueue(length: $0.length, wake: inbox.wake) },
                    limits: limits,
                    deadline: deadline,
                    cancellation: cancellation,
                    sink: sink(continuation, end)
                )
                do {
                    try inbox.add(order)
                    if let body { order.body?.fill(from: body) }
                } catch {
                    order.sink.end(.failure(error))
                }
            }
        } onCancel: {
            end()
        }
    }

    /// Ends every transfer and closes every connection; later requests are refused.
    ///
    /// Deinitialisation does the same, to streams too.
    public func shutdown() {
        inbox.close()
    }
}

/// A whole response: transfers are small here, so bodies are collected up to ``TransferLimits/body``.
public struct HTTPClientResponse: Sendable {
    public let status: Int
    /// As received, final response only, in order.
    public let headers: [(name: String, value: String)]
    /// May hold credentials: never log it.
    public let body: Data

    public init(status: Int, headers: [(name: String, value: String)], body: Data) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first value of a header, its name compared without case.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

extension HTTPClientResponse: CustomStringConvertible, CustomReflectable {
    public var description: String { "response \(status), \(body.count) bytes" }
    public var customMirror: Mirror { Mirror(self, children: ["status": status]) }
}
