import BursarConsole

/// What an SVG chart is drawn from: numbers, and texts that the template escapes.
struct Chart {
    static let width = 720.0

    let height: Double
    let title: String
    /// What the chart shows, for those who don't see it.
    let about: String
    private(set) var lines: [[String: Any]] = []
    private(set) var rectangles: [[String: Any]] = []
    private(set) var labels: [[String: Any]] = []

    enum Kind: String {
        case vends
        case refusals
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

    /// Two digits after the point: a hundredth of a pixel.
    private static func number(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        guard !hundredths.isMultiple(of: 100) else { return "\(hundredths / 100)" }
        let rest = abs(hundredths % 100)
        return "\(hundredths < 0 ? "-" : "")\(abs(hundredths) / 100)." + (rest < 10 ? "0" : "") + "\(rest)"
    }
}
