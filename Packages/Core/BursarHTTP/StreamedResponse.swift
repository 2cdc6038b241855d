extension HTTPTransport {
    /// Sends `request` with a body that comes in pieces, and hands the response over as soon as its head is there.
    ///
    /// At most 256 KiB wait in each direction; beyond, the sender of the bytes has to wait. The bytes go as they are:
    /// trailers are dropped, nothing is decompressed, no redirect is followed. Streams go over HTTP/1.1, where a peer
    /// can be paused without a buffer, and where ending a stream closes its connection. At most 64 run at
    /// once, beside what ``send(_:)`` sends; one more is refused as ``TransportError/busy``.
    ///
    /// - Parameters:
    ///   - request: without `Content-Length`, `Transfer-Encoding` and `Expect`, which follow from the body.
    ///   - body: in place of the request's own, which has to be nil then.
    ///   - limits: in place of the request's own.
    /// - Returns: the response's head, whatever its status, and its body to come.
    /// - Throws: ``TransportError``; `CancellationError` when the task was cancelled (the transfer stops); what the
    ///   body's pieces threw. A response that comes before all of the body has gone is a response.
    package func stream(
        _ request: HTTPClientRequest,
        body: HTTPClientRequestBody? = nil,
        limits: StreamLimits = StreamLimits()
    ) async throws -> StreamedResponse {
        try request.checkStreamValidity(with: body)
        return try await start(request, body: body, limits: limits) { [inbox] continuation, end in
            StreamingResponseSink(sender: continuation, wake: inbox.wake, end: end)
        }
    }
}

extension HTTPClientRequest {
    /// Refuses a request whose end the peer could see elsewhere than we do.
    fileprivate func checkStreamValidity(with streamed: HTTPClientRequestBody?) throws(TransportError) {
        guard body == nil || streamed == nil else {
            throw .invalidRequest(detail: "the request has two bodies")
        }
        guard (streamed?.length ?? 0) >= 0 else {
            throw .invalidRequest(detail: "the length of the body is negative")
        }
        let framing = ["content-length", "transfer-encoding", "expect"]
        guard headers.allSatisfy({ !framing.contains($0.name.lowercased()) }) else {
            throw .invalidRequest(detail: "a header says where the body ends")
        }
    }
}

/// A response whose head is there, and whose body comes as it is read.
///
/// The transfer ends when this value and its body are let go.
package struct StreamedResponse: Sendable {
    package let status: Int
    /// As received, final response only, in order; what they say of the body's coding still holds for its bytes.
    package let headers: [(name: String, value: String)]
    package let body: StreamedBody

    /// The first value of a header, its name compared without case.
    package func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

extension StreamedResponse: CustomStringConvertible, CustomReflectable {
    package var description: String { "response \(status), streamed" }
    package var customMirror: Mirror { Mirror(self, children: ["status": status]) }
}

/// The bytes of a response, as they come; to be iterated once, by one task.
///
/// Iteration throws ``TransportError`` when the response breaks off or stalls. The transfer ends when the iterator, or
/// the last copy of a body that was never iterated, is released, and when the iterating task is cancelled.
package struct StreamedBody: AsyncSequence, Sendable {
    package typealias Element = [UInt8]

    private let sink: StreamingResponseSink
    private let lease: Lease

    init(_ sink: StreamingResponseSink) {
        self.sink = sink
        lease = Lease(sink)
    }

    package func makeAsyncIterator() -> Iterator {
        Iterator(sink: sink, body: lease, own: Lease(sink))
    }

    /// Waits for pieces; none is empty.
    package struct Iterator: AsyncIteratorProtocol {
        fileprivate let sink: StreamingResponseSink
        /// Held so that the transfer goes on when only the iterator is left.
        fileprivate let body: Lease
        fileprivate let own: Lease

        package mutating func next() async throws -> [UInt8]? {
            try await withTaskCancellationHandler {
                try await sink.next()
            } onCancel: { [sink] in
                sink.abandon()
            }
        }
    }

    /// Ends the transfer with itself.
    fileprivate final class Lease: Sendable {
        private let sink: StreamingResponseSink

        init(_ sink: StreamingResponseSink) {
            self.sink = sink
        }

        deinit {
            sink.abandon()
        }
    }
}

/// The time limits of a streamed transfer.
///
/// Only time that the peer takes counts: while our own reader or our own body holds the transfer up, nothing but
/// ``total`` runs.
package struct StreamLimits: Sendable {
    /// Name resolution, TCP and TLS together.
    package var connect: Duration
    /// From the end of the request to the head of the response: a model may think for long before it says anything.
    package var response: Duration
    /// Without any byte in either direction, while the request goes out and while the response comes in.
    package var stall: Duration
    /// From start to last byte; nil sets no end.
    package var total: Duration?

    package init(
        connect: Duration = .seconds(3),
        response: Duration = .seconds(3600),
        stall: Duration = .seconds(300),
        total: Duration? = nil
    ) {
        self.connect = connect
        self.response = response
        self.stall = stall
        self.total = total
    }

    /// Those of a transfer that is collected.
    init(_ limits: TransferLimits) {
        self.init(connect: limits.connect, response: limits.stall, stall: limits.stall, total: limits.total)
    }

    func deadline(from start: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        total.map { start.advanced(by: $0) }
    }
}
