package import BursarConsole
package import BursarFoundation
package import BursarModel
import Spend
package import Storage

/// A report of spend as people and programs read it.
package struct SpendOutput {
    private let report: SpendReport
    private let grouping: SpendGrouping
    private let days: ClosedRange<UTCDay>
    private let now: Date

    package init(_ report: SpendReport, by grouping: SpendGrouping, _ days: ClosedRange<UTCDay>, at now: Date) {
        self.report = report
        self.grouping = grouping
        self.days = days
        self.now = now
    }

    /// Returns the report in `format`; nil for a table without calls.
    package func text(as format: ListFormat, _ decoration: Decoration, width: Int? = nil) throws -> String? {
        switch format {
        case .json: return try JSONText.of(document)
        case .csv:
            let lines = [columns.map(\.title)] + report.rows.map { cells($0, \.description) }
            return lines.map(CSV.line).joined(separator: "\r\n")
        case .table:
            guard report.totals.calls > 0 else { return nil }
            var table = Table(columns)
            for row in report.rows where row.calls > 0 || grouping.span != nil { table.append(cells(row, row.shown)) }
            return table.text(decoration, width: width)
        }
    }

    private var columns: [Table.Column] {
        [Table.Column(grouping.rawValue)]
            + ["calls", "input", "output", "cache read", "cache write"].map { Table.Column($0, .right, isMinor: true) }
            + [Table.Column("low", .right), Table.Column("high", .right)]
    }

    private func cells(_ row: SpendReport.Row, _ money: (USD) -> String) -> [String] {
        [row.name, String(row.calls)] + TokenClass.allCases.map { String(row.tokens[$0]) }
            + [money(row.low), money(row.high)]
    }

    /// The lines below a table: the total, and what is to be known about it.
    package var notes: [String] {
        let total = report.totals
        let money = total.low == total.high ? total.high.rounded : "\(total.low.rounded) to \(total.high.rounded)"
        var notes = [
            "\(GroupedNumber.text(Int(total.calls), "call", "calls")) cost \(money) USD from \(days.lowerBound) to "
                + "\(days.upperBound), UTC, at list prices unless yours are set"
        ]
        if report.totals.unpricedCalls > 0 { notes.append("+: and what calls without a known price cost") }
        if report.isExtended {
            notes.append("some prices are listed for later days only, and were used before them too")
        }
        let state = report.state
        if state.quarantined > 0 {
            let lines = GroupedNumber.text(Int(state.quarantined), "line", "lines")
            notes.append("\(lines) can't be counted: admin spend quarantine")
        }
        if let age { notes.append("the newest call is \(Self.words(age)) old") }
        return notes
    }

    /// The models without a price, as warnings.
    package var warnings: [UserFacingError] {
        report.unpriced.map { unpriced in
            let calls = GroupedNumber.text(Int(unpriced.calls), "call", "calls")
            // A sum of tokens ends at the largest number.
            let tokens = TokenClass.allCases.reduce(into: TokenCounts.zero) { sum, kind in
                sum += TokenCounts(input: unpriced.tokens[kind])
            }
            return UserFacingError(
                "\(unpriced.model) has no known price: \(calls), \(GroupedNumber.text(Int(tokens.input), "token", "tokens")) "
                    + "are in no sum of money",
                hint: "admin spend prices update, or admin spend prices alias \(unpriced.model) "
                    + (unpriced.model.contains(":application-inference-profile/") ? "MODEL-ID" : "NAME")
            )
        }
    }

    /// Seconds since the newest call; nil if there is none.
    private var age: Int? {
        report.state.latest.map { Int(max(0, now.timeIntervalSince($0))) }
    }

    private static func words(_ seconds: Int) -> String {
        switch seconds {
        case ..<120: GroupedNumber.text(seconds, "second", "seconds")
        case ..<7200: GroupedNumber.text(seconds / 60, "minute", "minutes")
        case ..<172_800: GroupedNumber.text(seconds / 3600, "hour", "hours")
        default: GroupedNumber.text(seconds / 86_400, "day", "days")
        }
    }

    // MARK: JSON

    private var document: Document {
        Document(
            from: days.lowerBound.description,
            until: days.upperBound.description,
            by: grouping.rawValue,
            rows: report.rows.map { Row($0, by: grouping.rawValue) },
            totals: Row(report.totals, by: nil),
            unpriced: report.unpriced.map { Unpriced(model: $0.model, calls: $0.calls, tokens: Tokens($0.tokens)) },
            quarantined: report.state.quarantined,
            ignored: report.state.ignored,
            duplicates: report.state.duplicates,
            dataAge: age
        )
    }

    /// The form that scripts rely on: a name isn't changed, and a value without one is null.
    private struct Document: Encodable {
        let from: String
        let until: String
        let by: String
        let rows: [Row]
        let totals: Row
        let unpriced: [Unpriced]
        let quarantined: Int64
        let ignored: Int64
        let duplicates: Int64
        let dataAge: Int?

        enum CodingKeys: String, CodingKey {
            case from, until, by, rows, totals, unpriced, quarantined, ignored, duplicates, dataAge
        }

        func encode(to encoder: any Encoder) throws {
            var values = encoder.container(keyedBy: CodingKeys.self)
            try values.encode(from, forKey: .from)
            try values.encode(until, forKey: .until)
            try values.encode(by, forKey: .by)
            try values.encode(rows, forKey: .rows)
            try values.encode(totals, forKey: .totals)
            try values.encode(unpriced, forKey: .unpriced)
            try values.encode(quarantined, forKey: .quarantined)
            try values.encode(ignored, forKey: .ignored)
            try values.encode(duplicates, forKey: .duplicates)
            try values.encode(dataAge, forKey: .dataAge)
        }
    }

    private struct Unpriced: Encodable {
        let model: String
        let calls: Int64
        let tokens: Tokens
    }

    private struct Tokens: Encodable {
        let input, output, cacheRead, cacheWrite: Int64

        init(_ tokens: TokenCounts) {
            (input, output) = (tokens.input, tokens.output)
            (cacheRead, cacheWrite) = (tokens.cacheRead, tokens.cacheWrite)
        }
    }

    /// A row with its name under that of the dimension, and money as exact decimals.
    private struct Row: Encodable {
        private struct Key: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }

            init(_ name: String) { stringValue = name }
            init?(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        private let row: SpendReport.Row
        private let dimension: String?

        init(_ row: SpendReport.Row, by dimension: String?) {
            self.row = row
            self.dimension = dimension
        }

        func encode(to encoder: any Encoder) throws {
            var values = encoder.container(keyedBy: Key.self)
            if let dimension { try values.encode(row.name, forKey: Key(dimension)) }
            try values.encode(row.calls, forKey: Key("calls"))
            try values.encode(Tokens(row.tokens), forKey: Key("tokens"))
            try values.encode(row.low.description, forKey: Key("low"))
            try values.encode(row.high.description, forKey: Key("high"))
            // Until there is a bill.
            try values.encodeNil(forKey: Key("billed"))
        }
    }
}

extension SpendReport.Row {
    /// One end of the row's range as people read it: rounded, with a plus if calls without a price come on top.
    func shown(_ amount: USD) -> String {
        guard unpricedCalls > 0 else { return amount.rounded }
        return amount == .zero ? "no price" : amount.rounded + "+"
    }
}
