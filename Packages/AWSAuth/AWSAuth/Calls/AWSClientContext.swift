public import BursarFoundation
public import BursarHTTP

/// What calls to AWS need of the world: a way to send, the time, and a way to wait.
public struct AWSClientContext: Sendable {
    let send: @Sendable (HTTPClientRequest) async throws -> HTTPClientResponse
    let now: @Sendable () -> Date
    let sleep: @Sendable (Duration) async throws -> Void
    /// 0 up to, not including, 1.
    let chance: @Sendable () -> Double

    /// The real world; share one transport, so that connections are kept alive.
    public init(transport: HTTPTransport, now: @escaping @Sendable () -> Date) {
        self.init(
            send: { try await transport.send($0) },
            now: now,
            sleep: { try await Task.sleep(for: $0) },
            chance: { Double.random(in: 0..<1) }
        )
    }

    /// Every part given, for tests.
    package init(
        send: @escaping @Sendable (HTTPClientRequest) async throws -> HTTPClientResponse,
        now: @escaping @Sendable () -> Date,
        sleep: @escaping @Sendable (Duration) async throws -> Void,
        chance: @escaping @Sendable () -> Double
    ) {
        self.send = send
        self.now = now
        self.sleep = sleep
        self.chance = chance
    }
}
