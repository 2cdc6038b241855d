import BursarConsole
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A small HTTP server on 127.0.0.1 for programs of the same user.
struct LocalServer: Sendable {
    typealias Handler = @Sendable (LocalRequest, BodyRelay, LocalResponse) async throws -> Void
    typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

    let port: Int
    private let listener: NIOAsyncChannel<Connection, Never>
    private let group: MultiThreadedEventLoopGroup
    private let limits: Limits

    struct Limits: Sendable {
        /// The maximum of connections of this user; further ones are closed.
        var connections = LocalServer.mostConnections
        /// The maximum bytes of a request's line and headers.
        var head = 64 << 10
        /// The maximum bytes of a request's body.
        var body = 0
        /// The time limit for a request's whole head.
        var headTime = Duration.seconds(10)
        /// The time limit between two pieces of a body that the handler waits for.
        var bodyTime = Duration.seconds(60)
        /// The time limit without a byte in either direction.
        var idle = Duration.seconds(30)

        /// The limits for this process: as many connections as its limit of open files allows, each with one to
        /// Bedrock.
        ///
        /// Without a free descriptor the process would end (``ProcessNeeds``).
        ///
        /// - Throws: ``UserFacingError`` where hardly any are allowed.
        static func forThisProcess(openFiles: Int = OpenFileLimit.raise()) throws(UserFacingError) -> Limits {
            if let problem = OpenFileLimit.problem(openFiles, least: 2 * ownFiles) { throw problem }
            var limits = Limits()
            limits.connections = min(mostConnections, (openFiles - ownFiles) / 2)
            return limits
        }
    }

    private static let mostConnections = 256
    /// Open files other than served connections, including connections about to be closed.
    private static let ownFiles = 40
    /// Connections beyond the limit that are accepted and closed at once; more wait in the kernel.
    private static let turnedAway = 8

    /// Listens on `port`, or on a free one for 0.
    static func listen(port: Int, limits: Limits) async throws(UserFacingError) -> LocalServer {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            let listener = try await ServerBootstrap(group: group)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .serverChannelOption(.maxMessagesPerRead, value: 1)
                .serverChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let limit = AcceptLimit(limits.connections + turnedAway)
                        try channel.pipeline.syncOperations.addHandler(limit)
                    }
                }
                .bind(host: "127.0.0.1", port: port) { channel in
                    channel.eventLoop.makeCompletedFuture { try connection(channel, limits) }
                }
            let port = listener.channel.localAddress?.port ?? port
            return LocalServer(port: port, listener: listener, group: group, limits: limits)
        } catch {
            try? await group.shutdownGracefully()
            throw UserFacingError(
                "port \(port) of 127.0.0.1 can't be had",
                hint: "leave out --port, and a free one is taken"
            )
        }
    }

    /// Serves until the task is cancelled; then closes every connection.
    func run(_ handler: @escaping Handler) async throws {
        do {
            try await listener.executeThenClose { clients in
                try await withThrowingDiscardingTaskGroup { tasks in
                    let count = ConnectionCounter()
                    for try await client in clients {
                        tasks.addTask {
                            let connection = LocalConnection(client, limits: limits)
                            // The owner is checked before the connection is counted: other users must not use up this
                            // user's places.
                            guard isThisUser(client) else { return await connection.serve(nil) }
                            await count.during { number in
                                await connection.serve(number <= limits.connections ? handler : nil)
                            }
                        }
                    }
                }
            }
        } catch {
            try? await group.shutdownGracefully()
            guard error is CancellationError else { throw error }
        }
        try? await group.shutdownGracefully()
    }

    private func isThisUser(_ client: Connection) -> Bool {
        guard let peer = client.channel.remoteAddress?.port else { return false }
        return PeerOwner.isThisUser(client: peer, server: port)
    }

    private static func connection(_ channel: any Channel, _ limits: Limits) throws -> Connection {
        var decoding = NIOHTTPDecoderLimitConfiguration()
        decoding.maxHeaderFieldSize = limits.head
        decoding.maxHeaderListSize = limits.head
        decoding.maxHeaderFieldCount = 100
        let pipeline = channel.pipeline.syncOperations
        let nanoseconds = limits.idle.components.seconds * 1_000_000_000
        try pipeline.addHandler(IdleStateHandler(allTimeout: .nanoseconds(nanoseconds)))
        try pipeline.addHandler(IdleCloseHandler())
        try pipeline.configureHTTPServerPipeline(
            withPipeliningAssistance: false,
            withEncoderConfiguration: .init(),
            withDecoderLimitConfiguration: decoding
        )
        return try Connection(
            wrappingChannelSynchronously: channel,
            configuration: .init(isOutboundHalfClosureEnabled: true)
        )
    }
}

/// The number of open connections.
private final class ConnectionCounter: Sendable {
    private let number = Mutex(0)

    /// Counts one more connection while `body` runs, and passes it their number.
    func during(_ body: (Int) async -> Void) async {
        let now = number.withLock { number in
            number += 1
            return number
        }
        await body(now)
        number.withLock { $0 -= 1 }
    }
}

/// Accepts no further connection while `limit` are open.
private final class AcceptLimit: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias OutboundIn = Never

    private let limit: Int
    private var open = 0
    private var isReadHeld = false

    init(_ limit: Int) {
        self.limit = limit
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        open += 1
        // The listener and its connections have the group's only event loop.
        unwrapInboundIn(data).closeFuture.assumeIsolated().whenComplete { _ in
            self.open -= 1
            guard self.isReadHeld, self.open < self.limit else { return }
            self.isReadHeld = false
            context.read()
        }
        context.fireChannelRead(data)
    }

    func read(context: ChannelHandlerContext) {
        guard open < limit else {
            isReadHeld = true
            return
        }
        context.read()
    }
}

/// Closes an idle connection.
private final class IdleCloseHandler: ChannelInboundHandler {
    typealias InboundIn = Any

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is IdleStateHandler.IdleStateEvent else { return context.fireUserInboundEventTriggered(event) }
        context.close(promise: nil)
    }
}
