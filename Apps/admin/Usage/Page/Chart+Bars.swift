import BursarConsole

extension Chart {
    struct Bar: Equatable {
        let name: String
        let value: Int
        var kind = Kind.vends
    }

    /// What a name may take, at the width of most letters.
    private static let nameColumns = 24
    /// Bars that are told apart; the rest are one.
    private static let limit = 20

    /// A bar for each of the largest, and one for what is left.
    static func bars(_ bars: [Bar], title: String, of what: String) -> Chart? {
        let shown = withRest(bars.filter { $0.value > 0 })
        guard let most = shown.map(\.value).max(), let first = shown.first else { return nil }
        let (row, name, end) = (24.0, 216.0, Chart.width - 88)
        let about =
            "A bar for each of \(shown.count) \(what); the first, \(first.name), has \(GroupedNumber.text(first.value))."
        var chart = Chart(height: row * Double(shown.count) + 4, title: title, about: about)
        for (index, bar) in shown.enumerated() {
            let y = row * Double(index)
            let width = max(1, (end - name) * Double(bar.value) / Double(most))
            chart.label(DisplayWidth.fit(bar.name, in: nameColumns), x: name - 8, y: y + 16, .end)
            chart.rectangle(bar.kind, x: name, y: y + 3, width: width, height: row - 6)
            chart.label(GroupedNumber.text(bar.value), x: name + width + 6, y: y + 16)
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

/// Numbers for people: `1,234,567`.
enum GroupedNumber {
    static func text(_ number: Int) -> String {
        var digits = ""
        for (place, digit) in String(number.magnitude).reversed().enumerated() {
            if place > 0, place.isMultiple(of: 3) { digits.append(",") }
            digits.append(digit)
        }
        return (number < 0 ? "-" : "") + String(digits.reversed())
    }

    static func text(_ number: Int, _ one: String, _ many: String) -> String {
        "\(text(number)) \(number == 1 ? one : many)"
    }
}
