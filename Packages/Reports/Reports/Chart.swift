import BursarConsole

/// The data of an SVG chart: numbers, and texts that the template escapes.
struct Chart {
    static let width = 720.0

    let height: Double
    let title: String
    /// The chart's text alternative.
    let about: String
    private(set) var lines: [[String: Any]] = []
    private(set) var rectangles: [[String: Any]] = []
    private(set) var labels: [[String: Any]] = []

    enum Kind: String {
        case vends
        case refusals
        case low
        case high
    }

    enum Anchor: String {
        case start
        case middle
        case end
    }

    init(height: Double, title: String, about: String) {
        self.height = height
        self.title = title
        self.about = about
    }

    mutating func line(from start: (x: Double, y: Double), to end: (x: Double, y: Double)) {
        lines.append([
            "x1": Self.number(start.x), "y1": Self.number(start.y), "x2": Self.number(end.x), "y2": Self.number(end.y),
        ])
    }

    mutating func rectangle(_ kind: Kind, x: Double, y: Double, width: Double, height: Double) {
        rectangles.append([
            "kind": kind.rawValue, "x": Self.number(x), "y": Self.number(y), "width": Self.number(width),
            "height": Self.number(height),
        ])
    }

    mutating func label(_ text: String, x: Double, y: Double, _ anchor: Anchor = .start, isAxis: Bool = false) {
        labels.append([
            "text": text, "x": Self.number(x), "y": Self.number(y), "anchor": anchor.rawValue,
            "kind": isAxis ? "axis" : "label",
        ])
    }

    var context: [String: Any] {
        [
            "width": Self.number(Self.width), "height": Self.number(height), "title": title, "about": about,
            "lines": lines, "rectangles": rectangles, "labels": labels,
        ]
    }

    /// Two decimals: a hundredth of a pixel.
    private static func number(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        guard !hundredths.isMultiple(of: 100) else { return "\(hundredths / 100)" }
        let rest = abs(hundredths % 100)
        return "\(hundredths < 0 ? "-" : "")\(abs(hundredths) / 100)." + (rest < 10 ? "0" : "") + "\(rest)"
    }
}

extension Chart {
    struct Bar: Equatable {
        let name: String
        let value: Int
        var kind = Kind.vends
    }

    /// The width of a name, in average characters.
    private static let nameColumns = 24
    /// The limit of separate bars; the rest are one.
    private static let limit = 20

    /// A bar for each of the largest, and one for the rest; `text` writes their values.
    static func bars(
        _ bars: [Bar],
        title: String,
        of what: String,
        text: (Int) -> String = { GroupedNumber.text($0) }
    ) -> Chart? {
        let shown = withRest(bars.filter { $0.value > 0 })
        guard let most = shown.map(\.value).max(), let first = shown.first else { return nil }
        let (row, name, end) = (24.0, 216.0, Chart.width - 88)
        let about =
            "A bar for each of \(shown.count) \(what); the first, \(first.name), has \(text(first.value))."
        var chart = Chart(height: row * Double(shown.count) + 4, title: title, about: about)
        for (index, bar) in shown.enumerated() {
            let y = row * Double(index)
            let width = max(1, (end - name) * Double(bar.value) / Double(most))
            chart.label(DisplayWidth.fit(bar.name, in: nameColumns), x: name - 8, y: y + 16, .end)
            chart.rectangle(bar.kind, x: name, y: y + 3, width: width, height: row - 6)
            chart.label(text(bar.value), x: name + width + 6, y: y + 16)
        }
        return chart
    }

    private static func withRest(_ bars: [Bar]) -> [Bar] {
        guard bars.count > limit else { return bars }
        let rest = bars.dropFirst(limit - 1)
        let sum = rest.reduce(0) { $0 + $1.value }
        return bars.prefix(limit - 1) + [Bar(name: "\(rest.count) more", value: sum)]
    }
}

extension Chart {
    /// The two parts of a column, one upon the other.
    struct Column: Equatable {
        let name: String
        let lower: Int
        let upper: Int
    }

    /// A column for each day, week or month; `text` writes the values of the axis.
    static func columns(
        _ columns: [Column],
        unit: String,
        title: String,
        _ kinds: (lower: Kind, upper: Kind),
        text: (Int) -> String = { GroupedNumber.text($0) }
    ) -> Chart? {
        let most = columns.map { $0.lower + $0.upper }.max() ?? 0
        guard most > 0, let first = columns.first, let last = columns.last else { return nil }
        var chart = Chart(
            height: 240,
            title: "\(title) by \(unit)",
            about: "A column for each \(unit) from \(first.name) to \(last.name); the highest is \(text(most))."
        )
        let (left, right, top, bottom) = (64.0, Chart.width - 8, 28.0, 212.0)
        let axis = Axis(upTo: most)
        for value in axis.ticks {
            let y = bottom - (bottom - top) * Double(value) / Double(axis.end)
            chart.line(from: (left, y), to: (right, y))
            chart.label(text(value), x: left - 8, y: y + 4, .end, isAxis: true)
        }
        let step = (right - left) / Double(columns.count)
        let width = min(40, step * (step > 4 ? 0.8 : 1))
        for (index, column) in columns.enumerated() {
            let x = left + step * Double(index) + (step - width) / 2
            let lower = (bottom - top) * Double(column.lower) / Double(axis.end)
            let upper = (bottom - top) * Double(column.upper) / Double(axis.end)
            if lower > 0 { chart.rectangle(kinds.lower, x: x, y: bottom - lower, width: width, height: lower) }
            if upper > 0 {
                chart.rectangle(kinds.upper, x: x, y: bottom - lower - upper, width: width, height: upper)
            }
        }
        let every = max(1, (columns.count + 6) / 7)
        for index in stride(from: 0, to: columns.count, by: every) {
            let x = left + step * (Double(index) + 0.5)
            chart.label(columns[index].name, x: min(x, right - 32), y: bottom + 18, .middle, isAxis: true)
        }
        chart.legend(kinds.lower, at: 64)
        chart.legend(kinds.upper, at: 136)
        return chart
    }

    private mutating func legend(_ kind: Kind, at x: Double) {
        rectangle(kind, x: x, y: 4, width: 10, height: 10)
        label(kind.rawValue, x: x + 16, y: 13)
    }
}

/// Round values from 0 to at least the highest value, in steps of 1, 2 or 5 times a power of ten.
struct Axis: Equatable {
    let ticks: [Int]

    var end: Int { ticks.last ?? 1 }

    init(upTo most: Int) {
        var power = 1
        while power * 10 <= most / 4 { power *= 10 }
        let step = [1, 2, 5, 10].map { $0 * power }.first { $0 * 5 >= most } ?? power * 10
        ticks = Array(stride(from: 0, through: (most + step - 1) / step * step, by: step))
    }
}
