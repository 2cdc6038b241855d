import Synchronization

/// What was told of a reading's progress, from any thread.
final class SeenProgress: Sendable {
    private let state = Mutex<(highest: Int64, totals: Set<Int64>)>((0, []))

    var highest: Int64 { state.withLock { $0.highest } }
    var totals: Set<Int64> { state.withLock { $0.totals } }

    func add(_ count: Int64, _ total: Int64) {
        state.withLock { state in
            state.highest = max(state.highest, count)
            state.totals.insert(total)
        }
    }
}
