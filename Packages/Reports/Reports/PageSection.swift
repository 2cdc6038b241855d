import BursarConsole
import BursarFoundation
import BursarModel
import Storage

/// A heading, a chart, and the chart's data as a table.
struct PageSection {
    /// The limit of rows; one more row sums the rest.
    static let limit = 250

    let context: [String: Any]

    /// The context of a whole page.
    ///
    /// `title` is the first word of the title, which goes on with the researcher or project, `whose`, if it is of one
    /// alone. `subject` is the filter of the report, and `totals` are the large figures at the top.
    static func page(
        title: String,
        subtitle: String,
        whose: String?,
        subject: String?,
        _ days: ClosedRange<UTCDay>,
        at date: Date,
        totals: [(name: String, value: String)],
        _ sections: [PageSection],
        footer: [String]
    ) -> [String: Any] {
        let count = Int(days.upperBound.number - days.lowerBound.number + 1)
        var context: [String: Any] = [
            "title": title, "subtitle": subtitle,
            "first": days.lowerBound.description, "last": days.upperBound.description,
            "firstDay": PageTime.day(days.lowerBound), "lastDay": PageTime.day(days.upperBound),
            "days": GroupedNumber.text(count, "day", "days"), "version": Version.current,
            "generated": Timestamp.string(date), "generatedTime": PageTime.long(date),
            "totals": totals.map { ["name": $0.name, "value": $0.value] as [String: Any] },
            "sections": sections.map(\.context), "footer": footer,
        ]
        if let subject { context["subject"] = subject }
        if let whose { context["whose"] = whose }
        return context
    }

    /// A section whose rows are texts: a name, and what is counted of it.
    ///
    /// `folded` is the label that unfolds a long table.
    init(
        id: String,
        heading: String,
        caption: String,
        chart: Chart?,
        columns: [String],
        rows: [[String]],
        folded: String? = nil
    ) {
        var context: [String: Any] = [
            "id": id, "heading": heading, "caption": caption,
            "columns": columns.enumerated().map {
                ["title": $1, "class": $0 == 0 ? "text" : "number"] as [String: Any]
            },
            "rows": rows.map { cells in
                [
                    "first": ControlText.visible(cells[0]),
                    "cells": cells.dropFirst().map { ["text": $0, "class": "number"] as [String: Any] },
                ] as [String: Any]
            },
        ]
        if let chart { context["chart"] = chart.context }
        if let folded { context["folded"] = folded }
        self.context = context
    }

    /// `folded` is the label that unfolds a long table.
    init<Row: UsageRow>(
        id: String,
        heading: String,
        caption: String,
        chart: Chart?,
        rows: [Row],
        folded: String? = nil,
        note: String? = nil
    ) {
        var lines = rows.prefix(rows.count > Self.limit ? Self.limit - 1 : Self.limit).map {
            Self.line($0.cells(showing: PageTime.short), Row.self)
        }
        if rows.count > lines.count {
            lines.append(Self.line(Self.rest(rows[lines.count...].map(\.cells), Row.self), Row.self))
        }
        var context: [String: Any] = [
            "id": id, "heading": heading, "caption": caption,
            "columns": Row.columns.map { ["title": $0.title, "class": Self.cssClass(of: $0)] as [String: Any] },
            "rows": lines,
        ]
        // For the template, a nil inside an `Any` is a value.
        if let chart { context["chart"] = chart.context }
        if let note { context["note"] = note }
        if let folded { context["folded"] = folded }
        self.context = context
    }

    private static func line<Row: UsageRow>(_ cells: [String], _: Row.Type) -> [String: Any] {
        let texts = zip(cells, Row.columns).map { cell, column in
            column.alignment == .right ? GroupedNumber.text(Int(cell) ?? 0) : ControlText.visible(cell)
        }
        return [
            "first": texts[0],
            "cells": zip(texts, Row.columns).dropFirst().map { text, column in
                ["text": text, "class": Self.cssClass(of: column)] as [String: Any]
            },
        ]
    }

    /// The CSS class of a column's cells.
    private static func cssClass(of column: Table.Column) -> String {
        if column.alignment == .right { return "number" }
        return column.title.hasPrefix("last") ? "time" : "text"
    }

    /// Returns the sums of many rows as one.
    private static func rest<Row: UsageRow>(_ rows: [[String]], _: Row.Type) -> [String] {
        var cells = Row.columns.indices.map { index in
            guard Row.columns[index].alignment == .right else { return "" }
            return String(rows.reduce(0) { $0 + (Int($1[index]) ?? 0) })
        }
        cells[0] = "\(rows.count) more"
        return cells
    }
}

/// Readable times and days, in UTC.
enum PageTime {
    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]

    /// `30 Nov 2026, 16:24`.
    static func short(_ date: Date) -> String { text(date) { String($0.prefix(3)) } }

    /// `30 November 2026, 16:24 UTC`.
    static func long(_ date: Date) -> String { text(date) { $0 } + " UTC" }

    /// `30 November 2026`.
    static func day(_ day: UTCDay) -> String { words(day) { $0 } }

    private static func text(_ date: Date, _ month: (String) -> String) -> String {
        "\(words(UTCDay(containing: date), month)), \(Timestamp.string(date).dropFirst(11).prefix(5))"
    }

    private static func words(_ day: UTCDay, _ month: (String) -> String) -> String {
        let parts = day.description.split(separator: "-").compactMap { Int($0) }
        guard parts.count == 3, months.indices.contains(parts[1] - 1) else { return day.description }
        return "\(parts[2]) \(month(months[parts[1] - 1])) \(parts[0])"
    }
}
