import BursarFoundation
import BursarModel
import Hummingbird
import HummingbirdTesting
import Logging
import Synchronization
import Testing
import Vending

@testable import vending_server

/// Requests whose task is cancelled: a client that has gone, or the end of a stop's time limit.
@Suite struct CancelledRequestTests {
    private let levels = Levels()
    private let metrics = ServerMetrics()
    private let tally = RefusalTally()

    /// Sends one request to a route that throws `error`, and cancels it before.
    private func send(_ error: any Error, isCancelled: Bool = true) async throws {
        let levels = levels
        let logger = Logger(label: "test") { _ in LevelLog(levels: levels) }
        let router = Router(context: VendingContext.self)
        let log = RefusalLog(logger: logger)
        router.add(middleware: RefusalMiddleware(tally: tally, log: log, metrics: metrics, now: { Date() }))
        router.get("/credentials") { _, _ -> Response in
            if isCancelled { withUnsafeCurrentTask { $0?.cancel() } }
            throw error
        }
        let application = Application(router: router, logger: logger)
        try await application.test(.live) { client in
            // The connection of a cancelled request may end before its response.
            _ = try? await client.execute(uri: "/credentials", method: .get) { $0.status }
        }
    }

    private var counted: Bool { metrics.registry.text.contains("bursar_requests_total{") }
    private var isLogged: Bool { levels.all.contains { $0 >= .info } }

    @Test(arguments: [
        CancellationError() as any Error,
        VendError(.internal, cause: "CancellationError()"),
        VendError(.notRecorded, cause: "reading the key: CancellationError()"),
    ])
    func `a cancelled request is no error in the log, the metrics or the record`(error: any Error)
        async throws
    {
        try await send(error)
        #expect(!isLogged)
        #expect(!counted)
        #expect(tally.take() == nil)
    }

    @Test func `the same failure of a request that goes on is an error in each`() async throws {
        try await send(VendError(.internal), isCancelled: false)
        #expect(levels.all.contains(.error))
        #expect(
            metrics.registry.text.contains(
                #"bursar_requests_total{route="/credentials",code="500",error="internal"} 1"#
            )
        )
        #expect(tally.take() != nil)
    }

    @Test func `a refusal counts, and a canary is an alarm, whether or not the client waits for it`() async throws {
        let ada = try #require(Handle("ada"))
        let id = try #require(KeyID("0123456789ab"))
        try await send(VendError(.keyInvalid, .canary(id, ada)))
        #expect(levels.all.contains(.error))
        #expect(counted)
        #expect(tally.take() != nil)
    }
}

/// The levels of the lines that were logged.
private final class Levels: Sendable {
    private let levels = Mutex<[Logger.Level]>([])

    var all: [Logger.Level] { levels.withLock { $0 } }

    func append(_ level: Logger.Level) {
        levels.withLock { $0.append(level) }
    }
}

/// A log that keeps the level of each line about a request.
private struct LevelLog: LogHandler {
    let levels: Levels
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        // Hummingbird's own lines, about the server's start and stop, have no fields of this program.
        guard event.metadata?["error"] != nil || event.metadata?["cause"] != nil else { return }
        levels.append(event.level)
    }
}
