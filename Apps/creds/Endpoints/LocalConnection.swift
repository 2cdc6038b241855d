import NIOCore
import NIOHTTP1

/// One connection of a local client, for one request.
struct LocalConnection: Sendable {
    private let client: LocalServer.Connection
    private let limits: LocalServer.Limits

    /// The client went away before its request was complete.
    struct Left: Error {}

    /// How long a client may take to close after its answer.
    private static let timeout = Duration.seconds(2)

    init(_ client: LocalServer.Connection, limits: LocalServer.Limits) {
        self.client = client
        self.limits = limits
    }

    /// Has the request handled, and stops that when the client leaves; without a handler, closes at once.
    ///
    /// Nobody is told of what goes wrong: the client sees its connection end.
    func serve(_ handler: LocalServer.Handler?) async {
        try? await client.executeThenClose { inbound, outbound in
            guard let handler else { return }
            let end = after(limits.headTime) { client.channel.close(promise: nil) }
            var parts = inbound.makeAsyncIterator()
            let first = try await parts.next()
            end.cancel()
            guard case .head(let head) = first else { return }
            // To an older client the end of the connection is the end of the answer: it would take a part for the whole.
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
                        // What the client still sends is read: closed on, it might never see its answer.
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

    /// Returns when the client has gone, or sent more than it may.
    private func read(
        _ parts: inout NIOAsyncChannelInboundStream<HTTPServerRequestPart>.AsyncIterator,
        into relay: BodyRelay
    ) async {
        var received = 0
        var isComplete = false
        while true {
            // While a body doesn't come, nobody would see that Bedrock has hung up.
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
