extension HTTPTransport {
    /// Sends `request` with a body that comes in pieces, and hands the answer over as soon as its head is there.
    ///
    /// At most 256 KiB wait in each direction; beyond, the sender of the bytes has to wait. The bytes go as they are:
    /// trailers are dropped, nothing is decompressed, no redirect is followed. Streams go over HTTP/1.1, where a peer
    /// can be held up without a buffer of ours, and where ending a stream closes its connection. At most 64 run at
    /// once, beside what ``send(_:)`` sends; one more is refused as ``TransportError/busy``.
    ///
    /// - Parameters:
    ///   - request: without `Content-Length`, `Transfer-Encoding` and `Expect`, which follow from the body.
    ///   - body: in place of the request's own, which has to be nil then.
    ///   - limits: in place of the request's own.
    /// - Returns: the answer's head, whatever its status, and its body to come.
    /// - Throws: ``TransportError``; `CancellationError` when the task was cancelled (the transfer stops); what the
    ///   body's pieces threw. An answer that comes before all of the body has gone is an answer.
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
