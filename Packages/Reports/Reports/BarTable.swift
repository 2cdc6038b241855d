import BursarConsole
import BursarFoundation

/// A table for a terminal of a given width: a bar behind each row, and columns dropped where there is no room.
struct BarTable {
    private static let gap = 2
    private static let widestBar = 40
    private static let narrowestBar = 6
    /// The minimum width of the first column, a name.
    private static let narrowestName = 8

    let columns: [Table.Column]
    let rows: [[String]]
    let sizes: [Int]
    /// The columns that may be dropped, the first first.
    private let dispensable: [Int]

    init<Row: UsageRow>(_ rows: [Row], at now: Date) {
        columns = Row.columns
        self.rows = rows.map { row in
            row.cells(showing: { ShortTimestamp.moment($0, at: now) }).map { ControlText.visible($0) }
        }
        sizes = rows.map(\.size)
        dispensable = Row.dispensable.compactMap { title in Row.columns.firstIndex { $0.title == title } }
    }

    func text(width: Int, _ decoration: Decoration) -> String {
        var kept = Array(columns.indices)
        let widths = columns.indices.map { index in
            (rows + [columns.map(\.title)]).map { DisplayWidth.of($0[index]) }.max() ?? 0
        }
        func taken() -> Int { kept.map { widths[$0] + Self.gap }.reduce(0, +) }
        for index in dispensable where taken() + Self.narrowestBar > width { kept.removeAll { $0 == index } }
        var first = widths[0]
        let over = taken() + Self.narrowestBar - width
        if over > 0 { first = max(Self.narrowestName, first - over) }
        let room = width - taken() - first + widths[0]
        let barWidth = min(Self.widestBar, max(0, room))
        let most = sizes.max() ?? 0
        func line(_ cells: [String]) -> String {
            kept.map { index in
                let width = index == 0 ? first : widths[index]
                return DisplayWidth.padded(cells[index], to: width, alignedRight: columns[index].alignment == .right)
            }.joined(separator: String(repeating: " ", count: Self.gap))
        }
        let head = decoration.bold(Self.trimmed(line(columns.map(\.title))))
        let lines = zip(rows, sizes).map { cells, size in
            let bar = Bar.text(size, of: most, width: barWidth)
            return bar.isEmpty ? Self.trimmed(line(cells)) : line(cells) + "  " + decoration.green(bar)
        }
        return ([head] + lines).joined(separator: "\n")
    }

    private static func trimmed(_ line: String) -> String {
        String(line[..<(line.lastIndex { $0 != " " }.map(line.index(after:)) ?? line.startIndex)])
    }
}
