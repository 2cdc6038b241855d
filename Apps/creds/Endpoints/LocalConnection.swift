import NIOCore
import NIOHTTP1

/// One connection of a local client, for one request.
struct LocalConnection: Sendable {
    private let client: LocalServer.Connection
    private let bodyLimit: Int

    /// The client went away before its request was complete.
    struct Left: Error {}

    /// How long a client may take to close after its answer.
    private static let patience = Duration.seconds(2)

    init(_ client: LocalServer.Connection, bodyLimit: Int) {
        self.client = client
        self.bodyLimit = bodyLimit
    }

    /// Has the request handled, and stops that when the client leaves; without a handler, closes at once.
    ///
    /// Nobody is told of what goes wrong: the client sees its connection end.
    func serve(_ handler: LocalServer.Handler?) async {
        try? await client.executeThenClose { inbound, outbound in
            guard let handler else { return }
            var parts = inbound.makeAsyncIterator()
            guard case .head(let head) = try await parts.next() else { return }
            let request = LocalRequest(
                method: head.method.rawValue,
                target: head.uri,
                headers: head.headers.map { (name: $0.name, value: $0.value) }
            )
            let relay = BodyRelay()
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    do {
                        try await handler(request, relay, LocalAnswer(outbound, version: head.version))
                        // What the client still sends is read: closed on, it might never see its answer.
                        relay.finish()
                        try await Task.sleep(for: Self.patience)
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
        while let part = try? await parts.next() {
            switch part {
            case .head: break
            case .body(let buffer):
                received += buffer.readableBytes
                guard received <= bodyLimit + (1 << 20) else { break }
                if received > bodyLimit { relay.finish(throwing: EndpointRefusal.tooLarge) }
                await relay.put(Array(buffer.readableBytesView))
            case .end: relay.finish()
            }
        }
        relay.finish(throwing: Left())
    }
}
