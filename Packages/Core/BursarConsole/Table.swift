/// Columns aligned by what a terminal shows, with nothing but spaces between them.
package struct Table: Sendable {
    package enum Alignment: Sendable {
        case left
        case right
    }

    /// What a cell says beside its words.
    package enum Tone: Sendable {
        case good, notable, bad, faint

        func decorated(_ text: String, _ decoration: Decoration) -> String {
            switch self {
            case .good: decoration.green(text)
            case .notable: decoration.yellow(text)
            case .bad: decoration.red(text)
            case .faint: decoration.dim(text)
            }
        }
    }

    package struct Column: Sendable {
        package let title: String
        package let alignment: Alignment
        /// Whether its cells may be cut where a terminal is too narrow: words for people, never ids or numbers.
        let isElastic: Bool
        /// Whether it may be left out where a terminal is too narrow even then, the last such column first.
        let isMinor: Bool

        package init(
            _ title: String,
            _ alignment: Alignment = .left,
            isElastic: Bool = false,
            isMinor: Bool = false
        ) {
            self.title = title
            self.alignment = alignment
            self.isElastic = isElastic
            self.isMinor = isMinor
        }
    }

    private struct Row: Sendable {
        var cells: [String]
        /// By the columns' titles.
        let tones: [String: Tone]
    }

    private static let gap = "  "
    /// What is left of a column that is cut, at least: more while there are minor columns to leave out.
    private static let least = 8
    private static let ample = 16

    private let columns: [Column]
    private var rows: [Row] = []

    package init(_ columns: [Column]) {
        self.columns = columns
    }

    /// `tones` are by the columns' titles.
    ///
    /// - Precondition: one cell for each column.
    package mutating func append(_ cells: [String], tones: [String: Tone] = [:]) {
        precondition(cells.count == columns.count, "\(cells.count) cells for \(columns.count) columns")
        rows.append(Row(cells: cells.map { ControlText.visible($0) }, tones: tones))
    }

    /// The titles, bold where that shows, and a line for each row; no blanks at line ends.
    ///
    /// Where a terminal of `width` columns has no room for that, elastic columns are cut a little, then minor ones left
    /// out, then elastic ones cut more; where that isn't enough, each row is a block of lines, one for each cell, so that
    /// nothing is missing or broken.
    package func text(_ decoration: Decoration, width: Int? = nil) -> String {
        aligned(decoration, in: width ?? .max) ?? blocks(decoration)
    }

    /// nil when there is no room for that, even without the minor columns.
    private func aligned(_ decoration: Decoration, in room: Int) -> String? {
        let shorter = withoutMinorColumn
        guard let widths = widths(in: room, least: shorter == nil ? Self.least : Self.ample) else {
            return shorter?.aligned(decoration, in: room)
        }
        let head = decoration.bold(line(Row(cells: columns.map(\.title), tones: [:]), widths, .plain))
        return ([head] + rows.map { line($0, widths, decoration) }).joined(separator: "\n")
    }

    private var withoutMinorColumn: Table? {
        guard let index = columns.lastIndex(where: \.isMinor) else { return nil }
        var columns = columns
        columns.remove(at: index)
        var table = Table(columns)
        table.rows = rows.map { row in
            var row = row
            row.cells.remove(at: index)
            return row
        }
        return table
    }

    /// nil when the columns don't fit even when they are cut.
    private func widths(in room: Int, least: Int) -> [Int]? {
        var widths = columns.map { DisplayWidth.of($0.title) }
        for row in rows {
            for index in widths.indices { widths[index] = max(widths[index], DisplayWidth.of(row.cells[index])) }
        }
        let gaps = Self.gap.count * max(0, columns.count - 1)
        var excess = widths.reduce(gaps, +) - room
        while excess > 0 {
            let elastic = columns.indices.filter { columns[$0].isElastic && widths[$0] > least }
            guard let widest = elastic.max(by: { widths[$0] < widths[$1] }) else { return nil }
            // Down to the second widest at most, so that columns of one width are cut alike.
            let next = elastic.filter { $0 != widest }.map { widths[$0] }.max() ?? least
            let cut = min(excess, max(1, widths[widest] - max(next, least)))
            widths[widest] -= cut
            excess -= cut
        }
        return widths
    }

    private func line(_ row: Row, _ widths: [Int], _ decoration: Decoration) -> String {
        var line = ""
        for index in columns.indices {
            if index > 0 { line += Self.gap }
            let cell = DisplayWidth.fit(row.cells[index], in: widths[index])
            let blanks = String(repeating: " ", count: widths[index] - DisplayWidth.of(cell))
            let text = row.tones[columns[index].title].map { $0.decorated(cell, decoration) } ?? cell
            line += columns[index].alignment == .left ? text + blanks : blanks + text
        }
        while line.utf8.last == UInt8(ascii: " ") { line.removeLast() }
        return line
    }

    private func blocks(_ decoration: Decoration) -> String {
        let width = columns.map { DisplayWidth.of($0.title) }.max() ?? 0
        let blocks = rows.map { row in
            zip(columns, row.cells).map { column, cell in
                let blanks = String(repeating: " ", count: width - DisplayWidth.of(column.title))
                let text = row.tones[column.title].map { $0.decorated(cell, decoration) } ?? cell
                return decoration.bold(column.title) + blanks + Self.gap + text
            }
            .joined(separator: "\n")
        }
        return blocks.isEmpty
            ? decoration.bold(columns.map(\.title).joined(separator: "\n"))
            : blocks.joined(separator: "\n\n")
    }
}
