import BursarFoundation
import Storage

/// The last ten minutes, kept from one look to the next.
struct TopModel {
    static let window: TimeInterval = 600
    /// Seconds that one column of the time line stands for.
    static let slot: TimeInterval = 10

    private(set) var vends: [RecentActivity.Vend] = []
    private(set) var pulse: RecentActivity?
    private(set) var head: Int64 = 0
    /// Whether the window is known only in part, since more happened in it than is looked at.
    private(set) var isCut = false

    mutating func take(_ new: RecentActivity, now: Date) {
        if new.isCut { vends = [] }
        isCut = new.isCut || (isCut && (vends.first?.date ?? now) > now.addingTimeInterval(-Self.window))
        vends += new.vends
        let start = now.addingTimeInterval(-Self.window)
        if let first = vends.first, first.date < start { vends.removeAll { $0.date < start } }
        head = new.head
        pulse = new
    }

    func vends(inLast seconds: TimeInterval, now: Date) -> Int {
        let start = now.addingTimeInterval(-seconds)
        return vends.count { $0.date > start }
    }

    /// Vends of each ten seconds, the newest last.
    func line(now: Date) -> [Int] {
        var counts = [Int](repeating: 0, count: Int(Self.window / Self.slot))
        for vend in vends {
            let age = Int(now.timeIntervalSince(vend.date) / Self.slot)
            if counts.indices.contains(age) { counts[counts.count - 1 - age] += 1 }
        }
        return counts
    }

    /// Who was vended to in the window, busiest first.
    func researchers() -> [(handle: String, vends: Int, last: Date)] {
        var found: [String: (vends: Int, last: Date)] = [:]
        for vend in vends {
            let known = found[vend.researcher]
            found[vend.researcher] = ((known?.vends ?? 0) + 1, max(known?.last ?? .distantPast, vend.date))
        }
        return found.map { ($0.key, $0.value.vends, $0.value.last) }
            .sorted { ($1.vends, $0.handle) < ($0.vends, $1.handle) }
    }
}
