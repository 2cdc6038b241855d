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
        var table = Table(kept.map { columns[$0] })
        for row in rows { table.append(kept.map { row[$0] }) }
        return table.text(
            decoration,
            widths: kept.map { $0 == 0 ? first : widths[$0] },
            trailing: sizes.map { size in
                let bar = Bar.text(size, of: most, width: barWidth)
                return bar.isEmpty ? "" : decoration.green(bar)
            }
        )
    }
}
