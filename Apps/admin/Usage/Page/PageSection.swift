import Console
import Storage

/// A heading, a chart, and the table of what the chart shows.
struct PageSection {
    /// Rows that are listed; what is left is added up in one more.
    static let limit = 250

    let context: [String: Any]

    init<Row: UsageRow>(id: String, heading: String, caption: String, chart: Chart?, rows: [Row], note: String? = nil) {
        var lines = rows.prefix(rows.count > Self.limit ? Self.limit - 1 : Self.limit).map {
            Self.line($0.cells, Row.self)
        }
        if rows.count > lines.count {
            lines.append(Self.line(Self.rest(rows[lines.count...].map(\.cells), Row.self), Row.self))
        }
        var context: [String: Any] = [
            "id": id, "heading": heading, "caption": caption,
            "columns": Row.columns.map { ["title": $0.title, "class": Self.look(of: $0)] as [String: Any] },
            "rows": lines,
        ]
        // To the template a nil inside an `Any` is something.
        if let chart { context["chart"] = chart.context }
        if let note { context["note"] = note }
        self.context = context
    }

    private static func line<Row: UsageRow>(_ cells: [String], _: Row.Type) -> [String: Any] {
        let texts = zip(cells, Row.columns).map { cell, column in
            column.alignment == .right ? Grouped.text(Int(cell) ?? 0) : ControlText.visible(cell)
        }
        return [
            "first": texts[0],
            "cells": zip(texts, Row.columns).dropFirst().map { text, column in
                ["text": text, "class": Self.look(of: column)] as [String: Any]
            },
        ]
    }

    /// The CSS class of a column's cells.
    private static func look(of column: Table.Column) -> String {
        if column.alignment == .right { return "number" }
        return column.title.hasPrefix("last") ? "time" : "text"
    }

    /// One row for many: their numbers added up.
    private static func rest<Row: UsageRow>(_ rows: [[String]], _: Row.Type) -> [String] {
        var cells = Row.columns.indices.map { index in
            guard Row.columns[index].alignment == .right else { return "" }
            return String(rows.reduce(0) { $0 + (Int($1[index]) ?? 0) })
        }
        cells[0] = "\(rows.count) more"
        return cells
    }
}
