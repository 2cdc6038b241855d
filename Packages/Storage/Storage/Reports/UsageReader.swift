import BursarFoundation
import BursarModel

/// Reads the parts of one report, in one transaction.
///
/// Self-tests' researchers are left out; ids that belong to no key have no researcher.
///
/// Reports over ten million rows must take seconds: ``UsageRows`` reads the engine's bytes, and this type's own queries
/// have a row per key or day.
struct UsageReader {
    private let db: any Transaction
    private let scope: UsageScope
    private let people: [Usage.Person]
    private let keys: [Key]
    private let selftests: Set<String>

    private struct Key {
        let id: String
        let label: String?
        let person: Int
        let isCanary: Bool
    }

    init(_ db: any Transaction, _ scope: UsageScope) throws {
        self.db = db
        self.scope = scope
        people = try Self.people(db, scope)
        let places = Dictionary(uniqueKeysWithValues: zip(people.map(\.handle), people.indices))
        let filter = scope.key == nil ? "" : " WHERE id = ?"
        let sql = "SELECT id, label, handle, canary FROM keys JOIN researchers ON handle = researcher" + filter
        keys = try db.map(sql, SQLArguments([scope.key?.description].compactMap(\.self))) { row in
            try places[row["handle"]].map { person in
                Key(id: try row["id"], label: try row["label"], person: person, isCanary: try row["canary"])
            }
        }.compactMap(\.self)
        selftests = Set(
            try db.values(
                """
                SELECT id AS value FROM keys
                WHERE researcher IN (SELECT handle FROM researchers WHERE purpose <> 'research')
                """
            )
        )
    }

    private static func people(_ db: any Transaction, _ scope: UsageScope) throws -> [Usage.Person] {
        let filters = [
            ("handle = ?", scope.researcher), ("project = ?", scope.project),
            ("handle = (SELECT researcher FROM keys WHERE id = ?)", scope.key?.description),
        ].filter { $0.1 != nil }
        let conditions = ["purpose = 'research'"] + filters.map(\.0)
        let sql = """
            SELECT handle, name, project FROM researchers
            WHERE \(conditions.joined(separator: " AND ")) ORDER BY folded
            """
        return try db.all(sql, SQLArguments(filters.compactMap(\.1)))
    }

    func read(_ parts: Usage.Parts, span: UsageSpan) throws -> Usage {
        var usage = Usage()
        usage.people = people
        if parts.contains(.keys) { try readKeys(into: &usage) }
        if parts.contains(.spans) { usage.spans = try spans(span) }
        if parts.contains(.outcomes) { usage.outcomes = try outcomes() }
        if parts.contains(.networks) { usage.networks = try networks() }
        return usage
    }

    // MARK: By key

    private func readKeys(into usage: inout Usage) throws {
        var ids = TextIndex()
        var tallies: [UsageTally] = []
        var canaryUses: [Int: Int] = [:]
        try forEachOutcome { row, kind in
            let number = ids.number(of: row.key)
            if number == tallies.count { tallies.append(UsageTally()) }
            tallies[number].add(row.count, isVend: kind == .vend, last: row.last)
            if kind == .canaryUse { canaryUses[number, default: 0] += Int(row.count) }
        }
        usage.keyCount = keys.count { !$0.isCanary }
        let known = Dictionary(keys.map { ($0.id, $0) }) { first, _ in first }
        for number in 0..<ids.count where !tallies[number].isEmpty {
            let id = ids[number]
            if let key = known[id] {
                usage.keys.append(
                    Usage.Key(
                        id: id,
                        label: key.label,
                        person: people[key.person],
                        isCanary: key.isCanary,
                        tally: tallies[number],
                        canaryUses: canaryUses[number] ?? 0
                    )
                )
            } else {
                usage.unknown.add(tallies[number])
            }
        }
        usage.keys.sort { left, right in left.tally.precedes(right.tally) ?? (left.id < right.id) }
    }

    // MARK: By time and outcome

    private func spans(_ span: UsageSpan) throws -> [Usage.Span] {
        var tallies: [Int64: UsageTally] = [:]
        if scope.isNarrowed {
            try forEachOutcome(takesMonths: span == .month) { row, kind in
                guard kind != .canaryUse else { return }
                let number = row.isMonth ? row.span : span.number(of: row.span)
                tallies[number, default: UsageTally()].add(row.count, isVend: kind == .vend, last: row.last)
            }
        } else {
            try forEachTotal { day, outcome, count, last in
                guard outcome != UsageCounter.canaryUsed else { return }
                let isVend = outcome == UsageCounter.vended
                tallies[span.number(of: day), default: UsageTally()].add(count, isVend: isVend, last: last)
            }
        }
        if scope.isSpanned {
            for end in [scope.days.lowerBound, scope.days.upperBound] {
                tallies.merge([span.number(of: end.number): UsageTally()]) { known, _ in known }
            }
        }
        guard let first = tallies.keys.min(), let last = tallies.keys.max() else { return [] }
        return (first...last).map { Usage.Span(name: span.name($0), tally: tallies[$0] ?? UsageTally()) }
    }

    private func outcomes() throws -> [Usage.Outcome] {
        var outcomes: [String: (count: Int, last: Int64)] = [:]
        func add(_ outcome: String, _ count: Int64, _ last: Int64) {
            let known = outcomes[outcome] ?? (0, 0)
            outcomes[outcome] = (known.count + Int(count), max(known.last, last))
        }
        if scope.isNarrowed {
            var names = TextIndex()
            var sums: [(count: Int64, last: Int64)] = []
            try forEachOutcome { row, _ in
                let number = names.number(of: row.column)
                if number == sums.count { sums.append((0, 0)) }
                sums[number] = (sums[number].count + row.count, max(sums[number].last, row.last))
            }
            for number in 0..<names.count { add(names[number], sums[number].count, sums[number].last) }
        } else {
            try forEachTotal { _, outcome, count, last in add(outcome, count, last) }
        }
        return outcomes.map { Usage.Outcome(outcome: $0, count: $1.count, last: Date(milliseconds: $1.last)) }
            .sorted { ($1.count, $0.outcome) < ($0.count, $1.outcome) }
    }

    // MARK: By network

    private func networks() throws -> [Usage.Network] {
        guard scope.counts(UsageCounter.vended) else { return [] }
        var names = TextIndex()
        var ids = TextIndex()
        var found: [Usage.Network] = []
        // Each network with each of its keys, as often as it occurs.
        var pairs: [UInt64] = []
        let rows = UsageRows(table: .networks, days: scope.days, keys: keyFilter, takesMonths: true)
        try rows.forEach(db) { row in
            let number = names.number(of: row.column)
            if number == found.count { found.append(Usage.Network(network: names[number])) }
            found[number].tally.add(row.count, isVend: true, last: row.last)
            pairs.append(UInt64(number) << 32 | UInt64(ids.number(of: row.key)))
        }
        pairs.sort()
        for (place, pair) in pairs.enumerated() where place == 0 || pairs[place - 1] != pair {
            found[Int(pair >> 32)].keys += 1
        }
        return found.sorted { left, right in left.tally.precedes(right.tally) ?? (left.network < right.network) }
    }

    // MARK: Rows

    private enum Kind {
        case vend
        case refusal
        case canaryUse

        init(_ outcome: String) {
            self =
                switch outcome {
                case UsageCounter.vended: .vend
                case UsageCounter.canaryUsed: .canaryUse
                default: .refusal
                }
        }
    }

    private var keyFilter: UsageRows.Keys {
        if scope.isNarrowed { return .only(keys.map(\.id)) }
        return selftests.isEmpty ? .all : .allBut(selftests.sorted())
    }

    /// Passes the rows of the outcomes in the scope.
    private func forEachOutcome(
        takesMonths: Bool = true,
        _ body: (UsageRows.Row, Kind) throws -> Void
    ) throws {
        var names = TextIndex()
        var kinds: [(counts: Bool, kind: Kind)] = []
        let rows = UsageRows(table: .outcomes, days: scope.days, keys: keyFilter, takesMonths: takesMonths)
        try rows.forEach(db) { row in
            let number = names.number(of: row.column)
            if number == kinds.count {
                let name = names[number]
                kinds.append((scope.counts(name), Kind(name)))
            }
            guard kinds[number].counts else { return }
            try body(row, kinds[number].kind)
        }
    }

    /// Passes the totals over all keys, self-tests left out.
    private func forEachTotal(
        _ body: (_ day: Int64, _ outcome: String, _ count: Int64, _ last: Int64) -> Void
    ) throws {
        let sql = "SELECT day, outcome, count, last_at FROM usage_totals WHERE day BETWEEN ? AND ?"
        try db.forEach(sql, [scope.days.lowerBound.number, scope.days.upperBound.number]) { row in
            let outcome: String = try row["outcome"]
            if scope.counts(outcome) { body(try row["day"], outcome, try row["count"], try row["last_at"]) }
        }
    }
}

extension Usage.Person: RowDecodable {
    package init(_ row: ResultRow) throws {
        self.init(handle: try row["handle"], name: try row["name"], project: try row["project"])
    }
}
