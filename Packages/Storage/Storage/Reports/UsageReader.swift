import BursarFoundation
import BursarModel

/// Reads the parts of one report, in one transaction.
///
/// Self-tests' researchers are left out; ids that belong to no key have no researcher. Use counts for the project that its
/// key had at the time.
///
/// Reports over ten million rows must take seconds: ``UsageRows`` reads the engine's bytes, and this type's own queries
/// have a row per key or day.
struct UsageReader {
    private let db: any Transaction
    private let scope: UsageScope
    private let people: [Usage.Person]
    private let keys: [Key]
    /// The histories of those keys that were of several projects.
    private let moved: [String: ProjectHistory]
    private let selftests: Set<String>

    private struct Key {
        let id: String
        let label: String?
        let person: Usage.Person
        /// The project that it has now.
        let project: String
        let isCanary: Bool
    }

    init(_ db: any Transaction, _ scope: UsageScope) throws {
        self.db = db
        self.scope = scope
        let histories = try ProjectHistory.all(in: "key_projects", of: "key_id", isOfMoved: true, db)
        let people = try Self.people(db, scope)
        keys = try Self.keys(db, scope, people).filter { key in
            guard let project = scope.project else { return true }
            return histories[key.id]?.projects(in: scope.days.time).contains(project) ?? (key.project == project)
        }
        self.people = try Self.members(of: scope, keys, people, db)
        let ids = Set(keys.map(\.id))
        moved = histories.filter { ids.contains($0.key) }
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
            ("handle = ?", scope.researcher),
            ("handle = (SELECT researcher FROM keys WHERE id = ?)", scope.key?.description),
        ].filter { $0.1 != nil }
        let conditions = ["purpose = 'research'"] + filters.map(\.0)
        let sql = """
            SELECT handle, name, project FROM researchers
            WHERE \(conditions.joined(separator: " AND ")) ORDER BY folded
            """
        return try db.all(sql, SQLArguments(filters.compactMap(\.1)))
    }

    private static func keys(_ db: any Transaction, _ scope: UsageScope, _ people: [Usage.Person]) throws -> [Key] {
        let people = Dictionary(uniqueKeysWithValues: people.map { ($0.handle, $0) })
        let filter = scope.key == nil ? "" : " WHERE id = ?"
        let sql = """
            SELECT id, label, handle, keys.project, canary FROM keys JOIN researchers ON handle = researcher
            """
        return try db.map(sql + filter, SQLArguments([scope.key?.description].compactMap(\.self))) { row in
            try people[row["handle"]].map { person in
                Key(
                    id: try row["id"],
                    label: try row["label"],
                    person: person,
                    project: try row["project"],
                    isCanary: try row["canary"]
                )
            }
        }.compactMap(\.self)
    }

    /// The researchers of the scope's project: those with keys of it, and those whose own project it was.
    private static func members(
        of scope: UsageScope,
        _ keys: [Key],
        _ people: [Usage.Person],
        _ db: any Transaction
    ) throws -> [Usage.Person] {
        guard let project = scope.project else { return people }
        let owners = Set(keys.map(\.person.handle))
        let own = try ProjectHistory.all(in: "researcher_projects", of: "researcher", isOfMoved: true, db)
        return people.filter { person in
            owners.contains(person.handle)
                || own[person.handle]?.projects(in: scope.days.time).contains(project)
                    ?? (person.project == project)
        }
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

    /// A key's use, or its part while it was of one project.
    private struct KeySum {
        /// nil for a key that was of one project only.
        var project: String?
        var id = ""
        var tally = UsageTally()
        var canaryUses = 0

        mutating func add(_ row: UsageRows.Row, _ kind: Kind) {
            tally.add(row.count, isVend: kind == .vend, last: row.last)
            if kind == .canaryUse { canaryUses += Int(row.count) }
        }
    }

    private func readKeys(into usage: inout Usage) throws {
        var ids = TextIndex()
        var sums: [KeySum] = []
        var parts: [String: [String: KeySum]] = [:]
        try forEachOutcome(byProject: true) { row, kind, project in
            if let project {
                let key = String(decoding: row.key, as: UTF8.self)
                parts[key, default: [:]][project, default: KeySum(project: project, id: key)].add(row, kind)
            } else {
                let number = ids.number(of: row.key)
                if number == sums.count { sums.append(KeySum()) }
                sums[number].add(row, kind)
            }
        }
        for number in sums.indices { sums[number].id = ids[number] }
        usage.keyCount = keys.count { !$0.isCanary }
        usage.projectNames = projectNames.sorted()
        let known = Dictionary(keys.map { ($0.id, $0) }) { first, _ in first }
        for sum in sums + parts.values.flatMap(\.values) where !sum.tally.isEmpty {
            guard let key = known[sum.id] else {
                usage.unknown.add(sum.tally)
                continue
            }
            usage.keys.append(
                Usage.Key(
                    id: key.id,
                    label: key.label,
                    person: key.person,
                    project: sum.project ?? key.project,
                    isCanary: key.isCanary,
                    tally: sum.tally,
                    canaryUses: sum.canaryUses
                )
            )
        }
        usage.keys.sort { left, right in
            left.tally.precedes(right.tally) ?? ((left.id, left.project) < (right.id, right.project))
        }
    }

    /// The projects that the scope's keys had in its range, and those of its researchers.
    private var projectNames: Set<String> {
        if let project = scope.project { return [project] }
        var names = Set(people.map(\.project))
        for key in keys {
            if let history = moved[key.id] {
                names.formUnion(history.projects(in: scope.days.time))
            } else {
                names.insert(key.project)
            }
        }
        return names
    }

    // MARK: By time and outcome

    private func spans(_ span: UsageSpan) throws -> [Usage.Span] {
        var tallies: [Int64: UsageTally] = [:]
        if scope.isNarrowed {
            try forEachOutcome(takesMonths: span == .month) { row, kind, _ in
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
            try forEachOutcome { row, _, _ in
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
        try forEachRow(of: .networks) { row, _ in
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

    /// The keys of the scope, less those of `moved` that are read apart.
    private func keyFilter(without moved: [String: ProjectHistory]) -> UsageRows.Keys {
        if scope.isNarrowed { return .only(keys.map(\.id).filter { moved[$0] == nil }) }
        let others = selftests.union(moved.keys)
        return others.isEmpty ? .all : .allBut(others.sorted())
    }

    /// Passes the rows of a roll-up; with `byProject`, those of moved keys are cut at the changes, and have their project.
    ///
    /// A scope of one project has its part of them alone.
    private func forEachRow(
        of table: UsageRows.Table,
        takesMonths: Bool = true,
        byProject: Bool = false,
        _ body: (UsageRows.Row, _ project: String?) throws -> Void
    ) throws {
        let cut = byProject || scope.project != nil ? moved : [:]
        let rows = UsageRows(
            table: table,
            days: scope.days,
            keys: keyFilter(without: cut),
            takesMonths: takesMonths
        )
        try rows.forEach(db) { row in try body(row, nil) }
        guard !cut.isEmpty else { return }
        let splits = try ProjectSplits(of: cut, table, db)
        let others = UsageRows(
            table: table,
            days: scope.days,
            keys: .only(cut.keys.sorted()),
            takesMonths: takesMonths,
            split: splits.months
        )
        try others.forEach(db) { row in
            try splits.forEachPart(of: row) { part, project in
                if scope.project == nil || scope.project == project { try body(part, project) }
            }
        }
    }

    /// Passes the rows of the outcomes in the scope.
    private func forEachOutcome(
        takesMonths: Bool = true,
        byProject: Bool = false,
        _ body: (UsageRows.Row, Kind, _ project: String?) throws -> Void
    ) throws {
        var names = TextIndex()
        var kinds: [(counts: Bool, kind: Kind)] = []
        try forEachRow(of: .outcomes, takesMonths: takesMonths, byProject: byProject) { row, project in
            let number = names.number(of: row.column)
            if number == kinds.count {
                let name = names[number]
                kinds.append((scope.counts(name), Kind(name)))
            }
            guard kinds[number].counts else { return }
            try body(row, kinds[number].kind, project)
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
