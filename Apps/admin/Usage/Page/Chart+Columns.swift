import Storage

extension Chart {
    /// A column for each day, week or month: vends, and refusals on top of them.
    static func columns(_ spans: [Usage.Span], unit: String) -> Chart? {
        let most = spans.map { $0.tally.vends + $0.tally.refusals }.max() ?? 0
        guard most > 0, let first = spans.first, let last = spans.last else { return nil }
        var chart = Chart(
            height: 240,
            title: "Vends and refusals by \(unit)",
            about:
                "A column for each \(unit) from \(first.name) to \(last.name); the highest is \(GroupedNumber.text(most))."
        )
        let (left, right, top, bottom) = (64.0, Chart.width - 8, 28.0, 212.0)
        let axis = Axis(upTo: most)
        for value in axis.ticks {
            let y = bottom - (bottom - top) * Double(value) / Double(axis.end)
            chart.line(from: (left, y), to: (right, y))
            chart.label(GroupedNumber.text(value), x: left - 8, y: y + 4, .end, isAxis: true)
        }
        let step = (right - left) / Double(spans.count)
        let width = min(40, step * (step > 4 ? 0.8 : 1))
        for (index, span) in spans.enumerated() {
            let x = left + step * Double(index) + (step - width) / 2
            let vends = (bottom - top) * Double(span.tally.vends) / Double(axis.end)
            let refusals = (bottom - top) * Double(span.tally.refusals) / Double(axis.end)
            if vends > 0 { chart.rectangle(.vends, x: x, y: bottom - vends, width: width, height: vends) }
            if refusals > 0 {
                chart.rectangle(.refusals, x: x, y: bottom - vends - refusals, width: width, height: refusals)
            }
        }
        let every = max(1, (spans.count + 6) / 7)
        for index in stride(from: 0, to: spans.count, by: every) {
            let x = left + step * (Double(index) + 0.5)
            chart.label(spans[index].name, x: min(x, right - 32), y: bottom + 18, .middle, isAxis: true)
        }
        chart.legend()
        return chart
    }

    private mutating func legend() {
        rectangle(.vends, x: 64, y: 4, width: 10, height: 10)
        label("vends", x: 80, y: 13)
        rectangle(.refusals, x: 136, y: 4, width: 10, height: 10)
        label("refusals", x: 152, y: 13)
    }
}

/// Round numbers from 0 to at least the highest value: 1, 2 or 5 times a power of ten apart.
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
