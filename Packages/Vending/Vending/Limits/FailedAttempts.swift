import BursarModel
import Synchronization

/// Wrong secrets per caller's neighbourhood: who sends many waits longer before the next is looked at.
///
/// It touches keys that haven't proved right yet, and nobody else behind the same address. Bounded: past `capacity`
/// the neighbourhood that failed longest ago is forgotten.
final class FailedAttempts: Sendable {
    private struct Entry {
        var count: Int
        var last: ContinuousClock.Instant
    }

    /// Mistakes that cost nothing.
    private static let free = 3
    private static let longest = Duration.seconds(1)
    /// After which a neighbourhood starts anew.
    private static let memory = Duration.seconds(600)

    private let capacity: Int
    private let clock = ContinuousClock()
    private let entries = Mutex<[CIDRBlock: Entry]>([:])

    init(capacity: Int = 20_000) {
        self.capacity = capacity
    }

    /// Wrong secrets of late.
    func count(for clientNetwork: CIDRBlock) -> Int {
        let entry = entries.withLock { $0[clientNetwork] }
        guard let entry, clock.now - entry.last < Self.memory else { return 0 }
        return entry.count
    }

    /// 100 ms after the fourth wrong one, then twice as long each time, up to a second.
    func delay(for clientNetwork: CIDRBlock) -> Duration {
        let count = count(for: clientNetwork)
        guard count > Self.free else { return .zero }
        return min(.milliseconds(100) * (1 << min(count - Self.free - 1, 4)), Self.longest)
    }

    func fail(_ clientNetwork: CIDRBlock) {
        let now = clock.now
        entries.withLock { entries in
            let isKnown = entries[clientNetwork].map { now - $0.last < Self.memory } == true
            if !isKnown, entries.count >= capacity { Self.makeRoom(in: &entries) }
            entries[clientNetwork] = Entry(count: isKnown ? (entries[clientNetwork]?.count ?? 0) + 1 : 1, last: now)
        }
    }

    /// Drops the older half at once, so that a flood of addresses doesn't search for the oldest each time.
    private static func makeRoom(in entries: inout [CIDRBlock: Entry]) {
        let times = entries.values.map(\.last).sorted()
        let middle = times[times.count / 2]
        entries = entries.filter { $1.last > middle }
    }
}
