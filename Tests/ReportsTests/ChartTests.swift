import Testing

@testable import Reports

/// The parts of the page's charts.
@Suite struct ChartTests {
    @Test(arguments: [
        (1, [0, 1]), (4, [0, 1, 2, 3, 4]), (7, [0, 2, 4, 6, 8]), (10, [0, 2, 4, 6, 8, 10]),
        (99, [0, 20, 40, 60, 80, 100]),
        (101, [0, 50, 100, 150]), (1_000_000, [0, 200_000, 400_000, 600_000, 800_000, 1_000_000]),
    ])
    func `an axis has round numbers up to the highest value`(_ most: Int, _ ticks: [Int]) {
        #expect(Axis(upTo: most).ticks == ticks)
    }

    @Test(arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (-1_234_567, "-1,234,567")])
    func `numbers are written in groups of three digits`(_ number: Int, _ text: String) {
        #expect(GroupedNumber.text(number) == text)
    }

    @Test func `more bars than a reader can distinguish end in one for the rest`() throws {
        let bars = (1...50).map { Chart.Bar(name: "n\($0)", value: 100 - $0) }
        let chart = try #require(Chart.bars(bars, title: "t", of: "things"))
        #expect(chart.rectangles.count == 20)
        #expect(chart.labels.contains { $0["text"] as? String == "31 more" })
    }

    @Test func `nothing gives no chart`() {
        #expect(Chart.bars([Chart.Bar(name: "n", value: 0)], title: "t", of: "things") == nil)
        #expect(Chart.columns([], unit: "day", title: "t", (lower: .vends, upper: .refusals)) == nil)
    }
}
