import BursarModel
import Logging
import Synchronization

/// Says in metrics each time, and in the log once in a while, that there is no room for connections.
final class ShortageReport: Sendable {
    /// Between two lines that say the same.
    private static let pause = Duration.seconds(600)

    private let metrics: ServerMetrics
    private let logger: Logger
    private let said = Mutex<[ConnectionTable.Event: ContinuousClock.Instant]>([:])

    init(metrics: ServerMetrics, logger: Logger) {
        self.metrics = metrics
        self.logger = logger
    }

    func note(_ event: ConnectionTable.Event, newcomer: IPAddress?) {
        metrics.connectionEnded(event)
        let now = ContinuousClock.now
        let isNews = said.withLock { said in
            guard said[event].map({ now - $0 >= Self.pause }) ?? true else { return false }
            said[event] = now
            return true
        }
        guard isNews else { return }
        logger.warning("\(event.message)", metadata: ["address": "\(newcomer?.description ?? "-")"])
    }
}

extension ConnectionTable.Event {
    fileprivate var message: String {
        switch self {
        case .refused(.share): "connections of one address are refused: it holds its share, and all of them are busy"
        case .refused(.full): "connections are refused: as many are busy as may be held"
        case .closed(.share): "idle connections of one address are closed: it holds its share"
        case .closed(.full): "idle connections are closed: few more can be held"
        }
    }
}
