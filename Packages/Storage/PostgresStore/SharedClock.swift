import BursarFoundation
import Synchronization

/// The server's clock, which dates what all programs write, as far as this machine knows it.
final class SharedClock: Sendable {
    /// The difference that makes a measured offset replace the one before: exchanges take time themselves.
    private static let tolerance: TimeInterval = 1
    /// The difference of the two clocks that is reported.
    private static let reported: TimeInterval = 5

    private let now: @Sendable () -> Date
    private let measured = Mutex<TimeInterval>(0)

    /// `now` is this machine's clock.
    init(now: @escaping @Sendable () -> Date) {
        self.now = now
    }

    /// Seconds by which the server's clock is ahead of this machine's.
    var offset: TimeInterval { measured.withLock(\.self) }

    /// Takes over a date that the server has just read.
    func note(_ date: Date) {
        let difference = date.timeIntervalSince(now())
        measured.withLock { offset in
            if abs(difference - offset) > Self.tolerance { offset = difference }
        }
    }

    /// Takes over the server's date when a connection is made.
    ///
    /// - Returns: the difference in words; nil up to five seconds.
    func compare(with date: Date?) -> String? {
        guard let date else { return nil }
        note(date)
        let seconds = Int(date.timeIntervalSince(now()).rounded())
        return abs(seconds) <= Int(Self.reported) ? nil : "\(abs(seconds)) s \(seconds < 0 ? "behind" : "ahead")"
    }
}
