package import BursarConsole
package import BursarFoundation
import BursarModel
package import Storage

/// The screen of `usage top`, as lines no wider than the terminal.
package struct TopScreen {
    private static let label = 10

    private let model: TopModel
    private let server: (text: String, isReady: Bool)
    private let now: Date
    private let decoration: Decoration

    /// `server` is the health of the server, in words.
    package init(model: TopModel, server: (text: String, isReady: Bool), now: Date, decoration: Decoration) {
        self.model = model
        self.server = server
        self.now = now
        self.decoration = decoration
    }

    package func lines(_ size: TerminalSize, footer: String?) -> [String] {
        let width = size.columns
        var lines = [decoration.bold(fit("usage \(Timestamp.string(now))", width))]
        lines += entry("server", server.text, width, color: server.isReady ? decoration.green : decoration.red)
        if let paused = model.pulse?.pausedSince {
            lines += entry("vending", "paused since \(Timestamp.string(paused))", width, color: decoration.yellow)
        }
        let minute = GroupedNumber.text(model.vends(inLast: 60, now: now))
        let window = GroupedNumber.text(model.vends.count)
        let over = model.isCut ? "over " : ""
        lines += entry("vends", "\(minute) in the last minute, \(over)\(window) in 10 minutes", width)
        lines += timeLine(width)
        lines += entry("refusals", refusals, width)
        let (minutes, hour) = (model.pulse?.activeInMinutes ?? 0, model.pulse?.activeInHour ?? 0)
        let people = GroupedNumber.text(minutes, "researcher", "researchers")
        lines += entry("active", "\(people) in 5 minutes, \(GroupedNumber.text(hour)) in the last hour", width)
        lines.append("")
        let room = max(0, size.rows - lines.count - 1 - (footer == nil ? 0 : 2))
        lines += researchers(width, room)
        if let footer { lines += ["", decoration.dim(fit(footer, width))] }
        return Array(lines.prefix(size.rows))
    }

    /// Ten minutes, a column for each ten seconds, the newest on the right, with the scale of the highest.
    private func timeLine(_ width: Int) -> [String] {
        let all = model.line(now: now)
        let scale = { (most: Int) in "  max \(GroupedNumber.text(most))" }
        let room = width - Self.label - scale(all.max() ?? 0).count
        let slots = room >= 20 ? all.suffix(room) : all.suffix(max(0, width - Self.label))
        let most = slots.max() ?? 0
        let line = decoration.green(Bar.line(Array(slots), of: most))
        let label = DisplayWidth.padded("per 10 s", to: min(Self.label, width))
        return [label + line + (room >= 20 && most > 0 ? decoration.dim(scale(most)) : "")]
    }

    private var refusals: String {
        let codes = model.pulse?.refusals ?? []
        guard !codes.isEmpty else { return "none today" }
        let sum = codes.reduce(0) { $0 + $1.count }
        if codes.count == 1 { return "\(GroupedNumber.text(sum)) today: \(codes[0].outcome)" }
        let parts = codes.map { "\($0.outcome) \(GroupedNumber.text($0.count))" }
        return "\(GroupedNumber.text(sum)) today: " + parts.joined(separator: ", ")
    }

    private func researchers(_ width: Int, _ room: Int) -> [String] {
        let found = model.researchers()
        guard let most = found.first?.vends, room > 0 else { return [] }
        let shown = found.prefix(room)
        let widest = shown.map { DisplayWidth.of($0.handle) }.max() ?? 0
        let name = min(max(10, widest), max(10, width - 20))
        let head = DisplayWidth.padded("researcher", to: name) + "   vends  last      in the last 10 minutes, UTC"
        return [decoration.bold(fit(head, width))]
            + shown.map { row in
                let count = DisplayWidth.padded(String(row.vends), to: 6, alignedRight: true)
                let time = Timestamp.string(row.last).dropFirst(11).dropLast()
                let text = "\(DisplayWidth.padded(row.handle, to: name))  \(count)  \(time)"
                let bar = Bar.thin(row.vends, of: most, width: min(40, width - DisplayWidth.of(text) - 2))
                return bar.isEmpty ? fit(text, width) : "\(text)  \(decoration.green(bar))"
            }
    }

    private func entry(
        _ label: String,
        _ text: String,
        _ width: Int,
        color: (String) -> String = { $0 }
    ) -> [String] {
        let label = DisplayWidth.padded(label, to: min(Self.label, width))
        return [label + color(fit(ControlText.visible(text), width - Self.label))]
    }

    private func fit(_ text: String, _ width: Int) -> String {
        DisplayWidth.fit(text, in: width)
    }
}

/// The activity of the last ten minutes, accumulated from poll to poll.
package struct TopModel {
    package static let window: TimeInterval = 600
    /// The seconds of one column of the time line.
    static let slot: TimeInterval = 10

    package private(set) var vends: [RecentActivity.Vend] = []
    private(set) var pulse: RecentActivity?
    package private(set) var head: Int64 = 0
    /// True if the window is incomplete, since it has more activity than is read.
    private(set) var isCut = false

    package init() {}

    package mutating func take(_ new: RecentActivity, now: Date) {
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

    /// The vends of each ten seconds, the newest last.
    func line(now: Date) -> [Int] {
        var counts = [Int](repeating: 0, count: Int(Self.window / Self.slot))
        for vend in vends {
            let age = Int(now.timeIntervalSince(vend.date) / Self.slot)
            if counts.indices.contains(age) { counts[counts.count - 1 - age] += 1 }
        }
        return counts
    }

    /// The researchers with vends in the window, busiest first.
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
