/// Columns aligned by what a terminal shows, with nothing but spaces between them.
package struct Table: Sendable {
    package enum Alignment: Sendable {
        case left
        case right
    }

    package struct Column: Sendable {
        package let title: String
        package let alignment: Alignment

        package init(_ title: String, _ alignment: Alignment = .left) {
            self.title = title
            self.alignment = alignment
        }
    }

    private let columns: [Column]
    private var rows: [[String]] = []

    package init(_ columns: [Column]) {
        self.columns = columns
    }

    /// - Precondition: one cell for each column.
    package mutating func append(_ cells: [String]) {
        precondition(cells.count == columns.count, "\(cells.count) cells for \(columns.count) columns")
        rows.append(cells.map { ControlText.visible($0) })
    }

    /// The titles, bold where that shows, and a line for each row; no blanks at line ends.
    package func text(_ decoration: Decoration) -> String {
        let titles = columns.map(\.title)
        let widths = columns.indices.map { index in
            (rows + [titles]).map { DisplayWidth.of($0[index]) }.max() ?? 0
        }
        let head = decoration.bold(line(titles, widths))
        return ([head] + rows.map { line($0, widths) }).joined(separator: "\n")
    }

    private func line(_ cells: [String], _ widths: [Int]) -> String {
        let padded = columns.indices.map { index in
            let blanks = String(repeating: " ", count: widths[index] - DisplayWidth.of(cells[index]))
            return columns[index].alignment == .left ? cells[index] + blanks : blanks + cells[index]
        }
        let line = padded.joined(separator: "  ")
        return String(line[..<(line.lastIndex { $0 != " " }.map(line.index(after:)) ?? line.startIndex)])
    }
}
