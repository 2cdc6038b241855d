import BursarModel
import NIOCore
import NIOHTTP1

/// One connection of a local client, for one request.
struct LocalConnection: Sendable {
    private let client: LocalServer.Connection
    private let limits: LocalServer.Limits

    /// The client disconnected before its request was complete.
    struct Left: Error {}

    /// The time a client has to close the connection after its response.
    private static let timeout = Duration.seconds(2)

    init(_ client: LocalServer.Connection, limits: LocalServer.Limits) {
        self.client = client
        self.limits = limits
    }

    /// Handles one request, and cancels the handler when the client disconnects; without a handler, closes at once.
    ///
    /// Errors are not reported: the client sees its connection end.
    func serve(_ handler: LocalServer.Handler?) async {
        try? await client.executeThenClose { inbound, outbound in
            guard let handler else { return }
            let end = after(limits.headTime) { client.channel.close(promise: nil) }
            var parts = inbound.makeAsyncIterator()
            let first = try await parts.next()
            end.cancel()
            guard case .head(let head) = first else { return }
            // To an HTTP/1.0 client the end of the connection is the end of the response: it would take a part for the
            // whole.
            guard head.version == .http1_1 else {
                return try await LocalResponse(outbound, version: .http1_1).refuse(.versionRefused)
            }
            let request = LocalRequest(
                method: head.method.rawValue,
                target: head.uri,
                headers: head.headers.map { (name: $0.name, value: $0.value) }
            )
            let relay = BodyRelay()
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    do {
                        try await handler(request, relay, LocalResponse(outbound, version: head.version))
                        // Remaining input is read: if the connection were closed on it, the client might never see its
                        // response.
                        relay.finish()
                        try await Task.sleep(for: Self.timeout)
                    } catch {}
                    client.channel.close(promise: nil)
                }
                await read(&parts, into: relay)
                group.cancelAll()
            }
        }
    }

    /// Returns when the client has disconnected, or exceeded a limit.
    private func read(
        _ parts: inout NIOAsyncChannelInboundStream<HTTPServerRequestPart>.AsyncIterator,
        into relay: BodyRelay
    ) async {
        var received = 0
        var isComplete = false
        while true {
            // While no body arrives, only reading reveals that Bedrock has hung up.
            let end = isComplete ? nil : after(limits.bodyTime) { relay.finish(throwing: LocalEndpointError.stalled) }
            let part = try? await parts.next()
            end?.cancel()
            guard let part else { break }
            switch part {
            case .head: break
            case .body(let buffer):
                received += buffer.readableBytes
                guard received <= limits.body + (1 << 20) else { break }
                if received > limits.body { relay.finish(throwing: LocalEndpointError.tooLarge) }
                await relay.put(Array(buffer.readableBytesView))
            case .end:
                isComplete = true
                relay.finish()
            }
        }
        relay.finish(throwing: Left())
    }

    private func after(_ time: Duration, _ body: @escaping @Sendable () -> Void) -> Scheduled<Void> {
        client.channel.eventLoop.scheduleTask(in: TimeAmount(time), body)
    }
}

/// The head of a request to a local endpoint, unmodified.
struct LocalRequest: Sendable {
    let method: String
    /// Path and query, byte for byte.
    let target: String
    let headers: [(name: String, value: String)]

    /// Every value of a header, whose name is compared case-insensitively.
    func values(_ name: String) -> [String] {
        headers.filter { $0.name.lowercased() == name }.map(\.value)
    }

    /// The target up to the first `?`.
    var path: Substring { target.prefix { $0 != "?" } }
}

/// Writes one response to a local client; each call waits until the client accepts the data.
struct LocalResponse: Sendable {
    private let outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>
    private let version: HTTPVersion

    init(_ outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>, version: HTTPVersion) {
        self.outbound = outbound
        self.version = version
    }

    /// Sends `100 Continue` to a client that waits for it before it sends its body.
    func proceed() async throws {
        try await outbound.write(.head(HTTPResponseHead(version: version, status: .continue)))
    }

    /// Writes the head of a response whose body follows by ``write(_:)`` and ``end()``.
    func begin(_ status: Int, _ headers: [(name: String, value: String)]) async throws {
        // A connection is for one request, so nothing that follows can be mistaken for a second.
        let headers = HTTPHeaders(headers.map { ($0.name, $0.value) } + [("Connection", "close")])
        let status = HTTPResponseStatus(statusCode: status)
        try await outbound.write(.head(HTTPResponseHead(version: version, status: status, headers: headers)))
    }

    func write(_ piece: [UInt8]) async throws {
        try await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: piece))))
    }

    func end() async throws {
        try await outbound.write(.end(nil))
        outbound.finish()
    }

    /// Writes a complete JSON response that must not be cached.
    func send(_ status: Int, json: Secret<String>, _ headers: [(name: String, value: String)] = []) async throws {
        let body = Array(json.reveal().utf8)
        let own = [
            ("Content-Type", "application/json"), ("Content-Length", "\(body.count)"), ("Cache-Control", "no-store"),
        ]
        try await begin(status, own.map { (name: $0.0, value: $0.1) } + headers)
        try await write(body)
        try await end()
    }

    /// Writes the error; the header is where Bedrock's clients look for the code.
    func refuse(_ refusal: LocalEndpointError) async throws {
        let code = refusal.code.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        try await send(refusal.status, json: Secret(refusal.body), [("x-amzn-ErrorType", code)])
    }
}
