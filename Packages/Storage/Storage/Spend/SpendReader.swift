import BursarFoundation
import BursarModel
import Spend

/// Reads one report of spend, in one transaction.
///
/// Prices hold between the days on which any price changes, so each meter has one set of rates for each such time. Whole
/// months are read from their sums, unless a price of a model that was called changes within.
struct SpendReader {
    private let db: any Transaction
    private let scope: SpendScope
    private let grouping: SpendGrouping
    private let owners: [Int64: SpendOwner]
    private let meters: [Int64: SpendMeter]
    private let pricing: Pricing
    /// The days on which a price begins to hold, in their order.
    private let changes: [UTCDay]

    private var rates: [RateKey: Rates] = [:]
    private var report = SpendReport()
    /// The positions of the report's rows, by the numbers of their owners, meters or spans.
    private var rows: [Int64: Int] = [:]
    /// The same by their names: owners that differ in their keys have one researcher.
    private var names: [String: Int] = [:]
    private var unpriced: [String: Int] = [:]

    /// A meter, and the number of price changes before a day.
    private struct RateKey: Hashable {
        let meter: Int64
        let changes: Int
    }

    private struct Counts {
        let day: UTCDay
        let owner: Int64
        let meter: Int64
        let calls: Int64
        let tokens: TokenCounts
    }

    init(_ db: any Transaction, _ scope: SpendScope, _ grouping: SpendGrouping) throws {
        self.db = db
        self.scope = scope
        self.grouping = grouping
        var owners: [Int64: SpendOwner] = [:]
        try db.forEach("SELECT id, kind, name, key_id, project FROM spend_owners") { row in
            owners[try row["id"]] = try SpendOwner(row)
        }
        self.owners = owners.filter { scope.contains($0.value) }
        var meters: [Int64: SpendMeter] = [:]
        try db.forEach("SELECT id, region, model FROM spend_meters") { row in
            meters[try row["id"]] = SpendMeter(region: try row["region"], model: try row["model"])
        }
        self.meters = meters.filter { scope.contains($0.value) }
        pricing = try StoredPrices.pricing(db)
        changes = pricing.table.effectiveDays.sorted()
    }

    mutating func read() throws -> SpendReport {
        report.state = try SpendState(db)
        if grouping.isOwner || scope.hasOwners {
            try readOwners()
        } else {
            try read("SELECT day, 0, meter, \(Self.counts) FROM spend_days WHERE day BETWEEN ? AND ?", scope.days)
        }
        if let span = grouping.span {
            fill(span)
        } else {
            report.rows.sort { ($1.high, $1.low, $0.name) < ($0.high, $0.low, $1.name) }
        }
        report.unpriced.sort { ($1.calls, $0.model) < ($0.calls, $1.model) }
        return report
    }

    private static let counts = SpendColumns.counts.joined(separator: ", ")

    // MARK: Rows

    private mutating func readOwners() throws {
        // One by one: for both at once, SQLite would read every row.
        guard let first: Int64 = try db.value("SELECT min(day) AS value FROM spend_daily"),
            let last: Int64 = try db.value("SELECT max(day) AS value FROM spend_daily")
        else { return }
        let begin = max(scope.days.lowerBound, UTCDay(number: first))
        let end = min(scope.days.upperBound, UTCDay(number: last))
        guard begin <= end else { return }
        for number in UTCMonth(containing: begin).number...UTCMonth(containing: end).number {
            let month = UTCMonth(number: number)
            // A month that the range cuts where there are no calls is read as a whole too.
            let isWhole =
                scope.days.lowerBound <= max(month.days.lowerBound, UTCDay(number: first))
                && min(month.days.upperBound, UTCDay(number: last)) <= scope.days.upperBound
            let takesMonth = grouping != .day && grouping != .week
            if isWhole, takesMonth, hasConstantRates(month) {
                try readMonth(month)
            } else {
                let days = max(month.days.lowerBound, begin)...min(month.days.upperBound, end)
                try read(
                    "SELECT day, owner, meter, \(Self.counts) FROM spend_daily WHERE day BETWEEN ? AND ?",
                    days
                )
            }
        }
    }

    private mutating func readMonth(_ month: UTCMonth) throws {
        let (db, day) = (db, month.days.lowerBound)
        let sql = "SELECT month, owner, meter, \(Self.counts) FROM spend_monthly WHERE month = ?"
        try db.forEachRaw(sql, [month.number]) { row in add(Self.counts(row, on: day)) }
    }

    private mutating func read(_ sql: String, _ days: ClosedRange<UTCDay>) throws {
        let db = db
        try db.forEachRaw(sql, [days.lowerBound.number, days.upperBound.number]) { row in
            add(Self.counts(row, on: UTCDay(number: row.integer(0) ?? 0)))
        }
    }

    private static func counts(_ row: any RawRow, on day: UTCDay) -> Counts {
        Counts(
            day: day,
            owner: row.integer(1) ?? 0,
            meter: row.integer(2) ?? 0,
            calls: row.integer(3) ?? 0,
            tokens: TokenCounts(
                input: row.integer(4) ?? 0,
                output: row.integer(5) ?? 0,
                cacheRead: row.integer(6) ?? 0,
                cacheWrite: row.integer(7) ?? 0
            )
        )
    }

    private mutating func add(_ counts: Counts) {
        guard let meter = meters[counts.meter] else { return }
        let owner = owners[counts.owner]
        guard owner != nil || !grouping.isOwner && !scope.hasOwners else { return }
        let estimate = rates(counts.meter, meter, on: counts.day).estimate(counts.tokens, calls: counts.calls)
        let index = row(for: counts, owner, meter)
        report.rows[index].add(counts.calls, counts.tokens, estimate)
        report.totals.add(counts.calls, counts.tokens, estimate)
        report.isExtended = report.isExtended || estimate.isExtended
        guard estimate.unpricedCalls > 0 else { return }
        let place = unpriced[meter.model] ?? report.unpriced.count
        if place == report.unpriced.count {
            unpriced[meter.model] = place
            report.unpriced.append(SpendReport.Unpriced(model: meter.model))
        }
        report.unpriced[place].calls += estimate.unpricedCalls
        report.unpriced[place].tokens += estimate.unpriced
    }

    // MARK: Prices

    private mutating func rates(_ number: Int64, _ meter: SpendMeter, on day: UTCDay) -> Rates {
        let key = RateKey(meter: number, changes: changeCount(upTo: day))
        if let known = rates[key] { return known }
        let found = pricing.rates(of: meter.model, region: meter.region, on: day)
        rates[key] = found
        return found
    }

    /// The number of days up to `day` on which a price begins to hold.
    private func changeCount(upTo day: UTCDay) -> Int {
        var (low, high) = (0, changes.count)
        while low < high {
            let middle = (low + high) / 2
            if changes[middle] <= day { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Returns true if no price of a model that was ever called changes within the month.
    private mutating func hasConstantRates(_ month: UTCMonth) -> Bool {
        let (first, last) = (month.days.lowerBound, month.days.upperBound)
        let within = changes[changeCount(upTo: first)..<changeCount(upTo: last)]
        guard !within.isEmpty else { return true }
        for (number, meter) in meters {
            let begin = rates(number, meter, on: first)
            for day in within where rates(number, meter, on: day) != begin { return false }
        }
        return true
    }

    // MARK: Names

    /// The position of the row that counts belong to.
    private mutating func row(for counts: Counts, _ owner: SpendOwner?, _ meter: SpendMeter) -> Int {
        let number: Int64 =
            switch grouping {
            case .researcher, .project, .key: counts.owner
            case .model, .region: counts.meter
            case .day, .week, .month: grouping.span?.number(of: counts.day.number) ?? 0
            }
        if let known = rows[number] { return known }
        let name = name(number, owner, meter)
        let place = names[name] ?? report.rows.count
        if place == report.rows.count { report.rows.append(SpendReport.Row(name: name)) }
        names[name] = place
        rows[number] = place
        return place
    }

    private func name(_ number: Int64, _ owner: SpendOwner?, _ meter: SpendMeter) -> String {
        switch grouping {
        case .researcher: owner?.label ?? ""
        case .project: owner?.projectLabel ?? ""
        case .key: owner?.keyLabel ?? ""
        case .model: InvokedModel.name(meter.model)
        case .region: meter.region
        case .day, .week, .month: grouping.span?.name(number) ?? ""
        }
    }

    /// Sorts the spans, and adds those of the range without calls unless it is too long.
    private mutating func fill(_ span: UsageSpan) {
        var known: [Int64: SpendReport.Row] = [:]
        for (number, index) in rows { known[number] = report.rows[index] }
        if scope.days.upperBound.number - scope.days.lowerBound.number < UsageScope.spannedDays {
            for end in [scope.days.lowerBound, scope.days.upperBound] {
                let number = span.number(of: end.number)
                if known[number] == nil { known[number] = SpendReport.Row(name: span.name(number)) }
            }
        }
        guard let first = known.keys.min(), let last = known.keys.max() else { return }
        report.rows = (first...last).map { known[$0] ?? SpendReport.Row(name: span.name($0)) }
    }
}

extension SpendOwner {
    fileprivate init(_ row: ResultRow) throws {
        guard let kind = Kind(rawValue: try row["kind"]) else {
            throw StoreError.unavailable(cause: "the owner of calls can't be read")
        }
        self.kind = kind
        name = try row["name"]
        keyID = try row["key_id"]
        project = try row["project"]
    }

    /// The name of the row in reports by project.
    fileprivate var projectLabel: String {
        guard kind == .researcher else { return label }
        return project.isEmpty ? "(no project)" : project
    }

    /// The name of the row in reports by key: sessions may be named by the researcher alone.
    fileprivate var keyLabel: String {
        guard kind == .researcher else { return label }
        return keyID.isEmpty ? "(no key of \(name))" : keyID
    }
}
