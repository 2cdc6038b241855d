/// Columns aligned by what a terminal shows, with nothing but spaces between them.
package struct Table: Sendable {
    package enum Alignment: Sendable {
        case left
        case right
    }

    /// The tone of a cell.
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
        /// True if its cells may be cut where a terminal is too narrow: words for people, never ids or numbers.
        let isElastic: Bool
        /// True if it may be left out where a terminal is too narrow even then, the last such column first.
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
    /// The least width of a column that is cut; more while there are minor columns to leave out.
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
    /// out, then elastic ones cut more; where that isn't enough, each row is a block of lines, one for each cell, so
    /// that nothing is missing or broken.
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

    /// The titles and a line for each row in columns of `widths`, for a caller with a layout of its own.
    ///
    /// `trailing` has a text for each row that stands behind its cells, or an empty one.
    ///
    /// - Precondition: one width for each column, and one trailing text for each row.
    package func text(_ decoration: Decoration, widths: [Int], trailing: [String]) -> String {
        precondition(widths.count == columns.count && trailing.count == rows.count)
        let head = decoration.bold(line(Row(cells: columns.map(\.title), tones: [:]), widths, .plain))
        let lines = zip(rows, trailing).map { row, text in
            text.isEmpty ? line(row, widths, decoration) : padded(row, widths, decoration) + Self.gap + text
        }
        return ([head] + lines).joined(separator: "\n")
    }

    private func line(_ row: Row, _ widths: [Int], _ decoration: Decoration) -> String {
        var line = padded(row, widths, decoration)
        while line.utf8.last == UInt8(ascii: " ") { line.removeLast() }
        return line
    }

    /// The cells, each as wide as its column.
    private func padded(_ row: Row, _ widths: [Int], _ decoration: Decoration) -> String {
        var line = ""
        for index in columns.indices {
            if index > 0 { line += Self.gap }
            let cell = DisplayWidth.fit(row.cells[index], in: widths[index])
            let blanks = String(repeating: " ", count: widths[index] - DisplayWidth.of(cell))
            let text = row.tones[columns[index].title].map { $0.decorated(cell, decoration) } ?? cell
            line += columns[index].alignment == .left ? text + blanks : blanks + text
        }
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

/// The number of terminal columns that a text takes.
package enum DisplayWidth {
    /// Wide East Asian characters and emoji take two columns, combining marks none.
    package static func of(_ text: some StringProtocol) -> Int {
        // Most cells are printable ASCII, and a list has tens of thousands of them.
        if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return text.utf8.count }
        return text.reduce(0) { $0 + width(of: $1) }
    }

    /// `text`, cut to so many columns, `…` being the last of them when something is missing.
    package static func fit(_ text: String, in columns: Int) -> String {
        guard of(text) > columns else { return text }
        var result = ""
        var used = 1
        for character in text {
            used += width(of: character)
            guard used <= columns else { break }
            result.append(character)
        }
        return columns > 0 ? result + "…" : ""
    }

    private static func width(of character: Character) -> Int {
        let scalars = character.unicodeScalars
        if scalars.contains(where: { $0.properties.isEmojiPresentation || $0.value == 0xFE0F }) { return 2 }
        return scalars.map(width).max() ?? 0
    }

    private static func width(of scalar: Unicode.Scalar) -> Int {
        if scalar.isASCII { return scalar.value < 0x20 || scalar.value == 0x7F ? 0 : 1 }
        if isWide(scalar.value) { return 2 }
        return switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .control, .format, .lineSeparator, .paragraphSeparator: 0
        default: 1
        }
    }

    /// `W` and `F` of Unicode's East Asian Width (UAX #11), by block.
    private static func isWide(_ value: UInt32) -> Bool {
        switch value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
            0xA000...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19,
            0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18DFF, 0x1AFF0...0x1B2FF,
            0x1F200...0x1F2FF, 0x20000...0x3FFFD:
            true
        default: false
        }
    }
}

extension DisplayWidth {
    /// `text` in exactly so many columns, cut off or filled with blanks.
    package static func padded(_ text: String, to columns: Int, alignedRight: Bool = false) -> String {
        let text = fit(text, in: columns)
        let blanks = String(repeating: " ", count: max(0, columns - of(text)))
        return alignedRight ? blanks + text : text + blanks
    }
}

/// A length drawn with block characters, an eighth of a column exact.
package enum Bar {
    private static let eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
    private static let levels = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

    /// `value` of `most` in at most `width` columns; what is more than nothing is never invisible.
    package static func text(_ value: Int, of most: Int, width: Int) -> String {
        guard value > 0, most > 0, width > 0 else { return "" }
        let share = min(1, Double(value) / Double(most))
        let units = max(1, Int((share * Double(width * 8)).rounded()))
        return String(repeating: "█", count: units / 8) + eighths[units % 8]
    }

    /// The same, so thin that bars of lines one below the other don't touch.
    package static func thin(_ value: Int, of most: Int, width: Int) -> String {
        guard value > 0, most > 0, width > 0 else { return "" }
        let share = min(1, Double(value) / Double(most))
        return String(repeating: "━", count: max(1, Int((share * Double(width)).rounded())))
    }

    /// A column of one character for each value, the highest for `most`, a blank for none.
    package static func line(_ values: [Int], of most: Int) -> String {
        values.map { value in
            guard value > 0, most > 0 else { return " " }
            let share = min(1, Double(value) / Double(most))
            return levels[max(0, min(7, Int((share * 8).rounded(.up)) - 1))]
        }.joined()
    }
}
