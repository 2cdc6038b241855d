import BursarFoundation
import BursarHTTP
import Synchronization

/// How far this machine's clock is from AWS's, once AWS has refused a signature for it.
final class ClockSkew: Sendable {
    /// Below this AWS doesn't mind, and a slow answer alone explains it.
    static let tolerated: TimeInterval = 240

    private let seconds = Mutex<TimeInterval>(0)

    func corrected(_ date: Date) -> Date {
        date.addingTimeInterval(seconds.withLock { $0 })
    }

    /// Takes the answer's `Date` for the time; false when that is no news, so that trying again is no use.
    func learn(from response: HTTPClientResponse, at local: Date) -> Bool {
        guard let date = response.header("date").flatMap({ HTTPDate.date($0) }) else { return false }
        let offset = date.timeIntervalSince(local)
        return seconds.withLock { seconds in
            guard abs(offset - seconds) > Self.tolerated else { return false }
            seconds = offset
            return true
        }
    }
}
