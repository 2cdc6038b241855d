import BursarFoundation
import BursarModel
import StorageTestSupport
import TestSupport
import Testing
import Vending

@testable import Storage

/// The same random acts of operators and servers on several databases, whose results are compared after each.
final class RandomHistory {
    private static let hash = "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$" + String(repeating: "A", count: 43)
    private static let texts = ["Ada", "Ädä Ö", "O'Neill", "a,b;\"c\"", "", "Zz", "zz", "ÿ", "日本"]
    private static let codes: [ErrorCode] = [.rateLimited, .quotaExhausted, .keyInvalid, .addressRefused, .keyExpired]
    private static let networks = ["192.0.2.", "198.51.100.", "203.0.113."]

    let stores: [Store]
    private(set) var date = TemporaryStore.now
    private(set) var acts: [String: Int] = [:]
    private var random: SeededGenerator
    private var people: [Handle] = []
    private var keys: [KeyID] = []
    private var selftests: [Handle] = []
    private var number = 0

    init(_ stores: [Store], seed: UInt64) {
        self.stores = stores
        random = SeededGenerator(seed: seed)
    }

    /// Does one act on every database.
    ///
    /// - Throws: ``Difference`` if a result of one isn't that of the first.
    func step() async throws {
        number += 1
        try advance()
        let (name, act) = draw()
        acts[name, default: 0] += 1
        var first: String?
        for store in stores {
            let result = await Self.described { try await act(store) }
            if let first, first != result { throw Difference(act: "\(number) \(name)", first: first, other: result) }
            first = first ?? result
        }
    }

    /// An act whose results differ.
    struct Difference: Error {
        let act: String
        let first: String
        let other: String
    }

    private static func described(_ act: () async throws -> String) async -> String {
        do {
            return try await act()
        } catch StoreError.unavailable {
            // A constraint, in each engine's own words.
            return "unavailable"
        } catch {
            return "error: \(error)"
        }
    }

    /// Mostly by seconds, now and then by days or months, rarely back.
    private func advance() throws {
        let seconds: Double =
            switch Int.random(in: 0..<1500, using: &random) {
            case 0: .random(in: 20...70, using: &random) * 86_400
            case 1...4: .random(in: 1...9, using: &random) * 86_400
            case 5: -.random(in: 1...3000, using: &random)
            default: .random(in: 0...900, using: &random)
            }
        date = Date(milliseconds: date.milliseconds + Int64(seconds * 1000))
    }

    private typealias Act = (Store) async throws -> String

    private func draw() -> (String, Act) {
        let acts: [(weight: Int, name: String, make: () -> Act)] = [
            (3, "add", add), (10, "issue", issue), (1, "import", importPeople), (3, "rotate", rotate),
            (4, "revoke", revoke), (5, "update key", updateKey), (3, "update researcher", updateResearcher),
            (2, "disable", disable), (1, "end a project", endProject), (4, "enable", enable), (1, "pause", pause),
            (6, "resume", resume),
            (3, "end sessions", endSessions), (2, "other records", otherRecords), (120, "vend", vend),
            (30, "refuse", refuse), (4, "sum up months", sumUpMonths), (1, "prune", prune), (2, "self-test", selftest),
            (2, "end self-tests", endSelftests), (1, "probe", probe),
        ]
        var left = Int.random(in: 0..<acts.reduce(0) { $0 + $1.weight }, using: &random)
        for act in acts {
            left -= act.weight
            if left < 0 { return (act.name, act.make()) }
        }
        return ("probe", probe())
    }

    // MARK: What is drawn

    private var act: AuditContext {
        AuditContext(actor: ["root@desk", "ada@desk", "Eve@Laptop"][Int(date.milliseconds % 3)], date: date)
    }

    private func text() -> String { Self.texts.randomElement(using: &random) ?? "" }

    private func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &random) == 0 }

    /// A known handle, in one case of its letters or another, or an unknown one.
    private func person() -> Handle {
        guard let known = people.randomElement(using: &random), !chance(20) else { return newHandle() }
        return chance(3) ? Handle(known.description.uppercased()) ?? known : known
    }

    private func newHandle() -> Handle {
        let base = ["ada", "Bob", "eve", "zoe", "Mallory"].randomElement(using: &random) ?? "ada"
        return Handle("\(base)-\(Int.random(in: 0..<200, using: &random))") ?? people[0]
    }

    private func key() -> KeyID {
        let newest = chance(4) ? keys[...] : keys.suffix(40)
        guard let known = newest.randomElement(using: &random), !chance(30) else { return KeyID(using: &random) }
        return known
    }

    private func ending() -> Date {
        Date(milliseconds: date.milliseconds + .random(in: 60_000...(120 * 86_400_000), using: &random))
    }

    private func terms() -> KeyRestrictions {
        KeyRestrictions(
            allowed: chance(4) ? try? AddressList(parsing: "192.0.2.0/24, 2001:db8::/32") : nil,
            models: chance(5) ? ModelList("anthropic.*, amazon.nova-*") : nil,
            dailyLimit: chance(3) ? .random(in: 0...40, using: &random) : nil,
            rate: chance(5) ? RequestRate(perSecond: .random(in: 1...50, using: &random)) : nil,
            sessionDuration: chance(5) ? SessionDuration(seconds: .random(in: 900...43_200, using: &random)) : nil
        )
    }

    private func newKey(_ handle: Handle) -> NewKey? {
        guard let hash = PasswordHash(phc: Self.hash) else { return nil }
        let id = KeyID(using: &random)
        keys.append(id)
        return NewKey(
            id: id,
            hash: hash,
            researcher: handle,
            project: chance(3) ? project() : nil,
            label: chance(2) ? text() : nil,
            expires: ending(),
            terms: terms(),
            isCanary: chance(25)
        )
    }

    private func newResearcher() -> Researcher {
        let handle = newHandle()
        people.append(handle)
        return Researcher(
            handle: handle,
            name: text(),
            email: "\(handle)@example.edu",
            project: project(),
            sponsor: chance(3) ? text() : nil,
            note: chance(3) ? text() : nil,
            ends: chance(4) ? ending() : nil
        )
    }

    private func project() -> String {
        ["engines", "Looms", "looms", "Äther", ""].randomElement(using: &random) ?? ""
    }

    private func address() -> IPAddress? {
        let last = Int.random(in: 0..<256, using: &random)
        let network = Self.networks.randomElement(using: &random) ?? ""
        return IPAddress(chance(4) ? "2001:db8:\(last)::1" : "\(network)\(last)")
    }

    // MARK: Acts

    private func add() -> Act {
        let (researcher, act) = (newResearcher(), act)
        return { "\(try $0.administration.add(researcher, by: act))" }
    }

    private func issue() -> Act {
        let (key, act) = (newKey(person()), act)
        return { try $0.administration.add(#require(key), by: act) ?? "unknown" }
    }

    private func importPeople() -> Act {
        let imported = (0..<5).compactMap { _ -> ImportedResearcher? in
            let researcher = chance(2) ? newResearcher() : nil
            return newKey(researcher?.handle ?? person()).map { ImportedResearcher(researcher: researcher, key: $0) }
        }
        let act = act
        return {
            try $0.administration.add(imported, by: act)
            return "imported"
        }
    }

    private func rotate() -> Act {
        let (old, expires, act) = (key(), ending(), act)
        guard let new = newKey(person()) else { return probe() }
        return { store in
            let rotation = try store.administration.rotate(old, to: new.id, hash: new.hash, overlap: 3600, by: act) {
                _ in expires
            }
            return "\(rotation?.oldEnds.milliseconds ?? 0) \(rotation?.newEnds.milliseconds ?? 0)"
        }
    }

    private func revoke() -> Act {
        let (ids, reason, act) = ((0..<Int.random(in: 1...3, using: &random)).map { _ in key() }, text(), act)
        return { "\(try $0.administration.revoke(ids, reason: reason, by: act))" }
    }

    private func updateKey() -> Act {
        var change = KeyChange()
        let terms = terms()
        if chance(2) { change.label = chance(2) ? .set(text()) : .clear }
        if chance(3) { change.project = project() }
        if chance(2) { change.expires = ending() }
        if chance(2) { change.allowed = terms.allowed.map { .set($0) } ?? .clear }
        if chance(2) { change.models = terms.models.map { .set($0) } ?? .clear }
        if chance(2) { change.dailyLimit = terms.dailyLimit.map { .set($0) } ?? .clear }
        if chance(2) { change.rate = terms.rate.map { .set($0) } ?? .clear }
        if chance(2) { change.sessionDuration = terms.sessionDuration.map { .set($0) } ?? .clear }
        let (id, act, final) = (key(), act, change)
        return { try $0.administration.update(id, final, by: act) { _, _ in } ?? "unknown" }
    }

    private func updateResearcher() -> Act {
        var change = ResearcherChange()
        if chance(2) { change.name = text() }
        if chance(3) {
            change.project = project()
            change.movesKeys = chance(3)
        }
        if chance(3) { change.note = chance(2) ? .set(text()) : .clear }
        if chance(2) { change.ends = chance(2) ? .set(ending()) : .clear }
        let (handle, act, final) = (person(), act, change)
        return { try $0.administration.update(handle, final, by: act).map { "\($0)" } ?? "unknown" }
    }

    private func disable() -> Act {
        let (handle, reason, act) = (person(), text(), act)
        return { "\(try $0.administration.disable(handle, reason: reason, by: act))" }
    }

    private func endProject() -> Act {
        let (project, act) = (chance(3) ? "Äther" : "none", act)
        return { store in
            let end = try store.lists.end(of: project, at: act.date)
            let liveUntil = try store.administration.carryOut(end, reason: "over", by: act)
            return "\(end) \(String(describing: liveUntil))"
        }
    }

    private func enable() -> Act {
        let (handles, act) = ([person(), person()], act)
        return { "\(try $0.administration.enable(handles, by: act))" }
    }

    private func pause() -> Act {
        let act = act
        return { "\(try $0.administration.pause(by: act))" }
    }

    private func resume() -> Act {
        let act = act
        return { "\(try $0.administration.resume(by: act))" }
    }

    private func endSessions() -> Act {
        let (handle, chosen, date, act) = (person(), chance(2) ? [key(), key()] : nil, date, act)
        return { store in
            let ended = try store.administration.endSessions(of: handle, keys: chosen, by: act) { date }
            return ended.map(Self.sorted) ?? "unknown"
        }
    }

    private static func sorted(_ ended: EndedSessions) -> String {
        "\(ended.researcher) \(ended.validFrom) \(ended.retained.sorted()) \(String(describing: ended.liveUntil))"
    }

    private func otherRecords() -> Act {
        let (handle, change, act) = (person(), text(), act)
        let range = Int64.random(in: 1...50, using: &random)..<Int64.random(in: 60...90, using: &random)
        return { store in
            try store.administration.recordSessionsAllowed(handle.description, by: act)
            try store.administration.recordAWSChange(change, researcher: handle.description, by: act)
            let scope = ExportScope(from: act.date, until: nil, researcher: nil, kind: "vend")
            try store.audit.recordExport(range, scope, by: act)
            return "recorded"
        }
    }

    private func vend() -> Act {
        let count = chance(4) ? Int.random(in: 2...40, using: &random) : 1
        let wishes = (0..<count).map { index in
            (key: key(), address: address(), life: TimeInterval.random(in: 900...43_200, using: &random), index: index)
        }
        let (date, number, isToken) = (date, number, chance(6))
        return { store in
            var vends: [Vend] = []
            for wish in wishes {
                guard let address = wish.address else { continue }
                guard let (record, revision) = try await store.directory.key(wish.key) else { continue }
                guard record.revoked == nil, !record.isCanary, record.owner.disabled == nil else { continue }
                vends.append(
                    Vend(
                        key: record,
                        revision: revision,
                        dailyLimit: record.terms.dailyLimit ?? 30,
                        address: address,
                        accessKeyID: "ASIA\(number)X\(wish.index)",
                        expiration: date.addingTimeInterval(wish.life),
                        form: isToken ? .token(region: "eu-central-1") : .credentials,
                        requestID: "r\(number)-\(wish.index)"
                    )
                )
            }
            let batch = VendBatch(vends, at: date)
            let outcomes = try store.database.write { db in try batch.write(to: db).outcomes }
            return outcomes.map { "\($0)" }.joined(separator: " ")
        }
    }

    private func refuse() -> Act {
        let refusals = (0..<Int.random(in: 1...6, using: &random)).map { _ -> VendError in
            let (id, handle) = (key(), people.randomElement(using: &random) ?? newHandle())
            let code = Self.codes.randomElement(using: &random) ?? .keyInvalid
            let subjects: [VendError.Subject] = [
                .unknown(id), .unproven(id), .proven(id, handle), .proven(id, handle), .canary(id, handle), .nobody,
            ]
            return VendError(code, subjects.randomElement(using: &random) ?? .nobody)
        }
        let (address, number, date) = (address(), number, date)
        return { store in
            let tally = RefusalTally()
            for refusal in refusals { tally.note(refusal, from: address, requestID: "r\(number)", at: date) }
            guard let batch = tally.take() else { return "none" }
            try store.ledger.record(batch)
            return "\(batch.entries.count)"
        }
    }

    private func sumUpMonths() -> Act {
        let date = date
        return {
            try $0.ledger.sumUpMonths(at: date)
            return "summed up"
        }
    }

    private func prune() -> Act {
        let before = UTCDay(number: UTCDay(containing: date).number - .random(in: 40...90, using: &random)).start
        let act = act
        return { store in
            guard let plan = try store.upkeep.prunePlan(before: before) else { return "nothing" }
            try store.upkeep.recordPruning(plan, before: "then", by: act)
            var removed = 0
            while case let count = try store.upkeep.pruneStep(upTo: plan.last, before: before, count: 97), count > 0 {
                removed += count
            }
            return "\(plan) \(removed)"
        }
    }

    private func selftest() -> Act {
        let handle = Handle("selftest-\(number)") ?? newHandle()
        selftests.append(handle)
        let made = (0..<3).compactMap { index -> SelftestKey? in
            guard let hash = PasswordHash(phc: Self.hash) else { return nil }
            let id = KeyID(using: &random)
            keys.append(id)
            let created = index == 0 ? date - 7200 : date
            return SelftestKey(id: id, hash: hash, created: created, expires: created + 3600, terms: terms())
        }
        let act = act
        return { "\(try $0.administration.addSelftest(handle, keys: made, by: act))" }
    }

    private func endSelftests() -> Act {
        let (handles, act) = (selftests.randomElement(using: &random).map { [$0] } ?? [], act)
        return {
            try $0.administration.endSelftests(handles, by: act)
            return "ended"
        }
    }

    private func probe() -> Act {
        {
            try $0.upkeep.checkIsWritable()
            return "writable"
        }
    }
}

// MARK: Comparing

extension RandomHistory {
    /// Every list and report of the database as text, each under its name.
    func views(of store: Store) async throws -> [(name: String, text: String)] {
        var views: [(String, String)] = []
        func add(_ name: String, _ value: Any) { views.append((name, String(describing: value))) }
        add("head", try store.audit.chainHead())
        add("researchers", try store.lists.listedResearchers(at: date))
        add("keys", try store.lists.keys())
        add("statuses", try store.lists.keys().map { $0.status(at: date) })
        add("live sessions", try store.lists.liveSessions(at: date))
        add("paused", try store.lists.pausedSince() as Any)
        add("disabled by restore", try store.lists.researchersDisabledByRestore(at: date).count)
        let day = UTCDay(containing: date)
        for person in people.prefix(12) {
            add("standing \(person)", try store.lists.keyStandings(of: person, on: day) as Any)
        }
        add("prefix", try store.lists.keyIDs(beginningWith: String(keys.first?.description.prefix(1) ?? ""), limit: 50))
        let all = UTCDay(containing: TemporaryStore.now - 86_400)...day
        let parts: Usage.Parts = [.keys, .spans, .outcomes, .networks]
        for span in [UsageSpan.day, .week, .month] {
            add("usage \(span)", try store.reports.usage(UsageScope(all), parts, by: span))
        }
        var scope = UsageScope(UTCDay(number: day.number - 40)...UTCDay(number: day.number - 3))
        scope.outcome = .refused
        add("refusals", try store.reports.usage(scope, parts, by: .day))
        scope.researcher = people.first?.description
        add("of one", try store.reports.usage(scope, parts, by: .week))
        scope = UsageScope(all, project: "looms")
        add("of a project", try store.reports.usage(scope, parts, by: .month))
        scope = UsageScope(UTCDay(number: day.number - 50)...day, project: "engines")
        add("of another project", try store.reports.usage(scope, parts, by: .day))
        add("projects", [try store.lists.projects(), try store.lists.projects(ever: true)])
        add("end of a project", try store.lists.end(of: "looms", at: date))
        add("recent", try store.reports.recentActivity(after: 0, since: date - 86_400, now: date))
        add("pruned", try store.reports.pruned(since: nil) as Any)
        let block = try #require(CIDRBlock("192.0.2.0/25"))
        add("uses", try store.reports.uses(of: block))
        var filter = RecordFilter()
        add("records", try store.audit.records(filter, limit: 300))
        filter.address = block
        add("records of a network", try store.audit.records(filter, limit: 100))
        filter = RecordFilter()
        filter.actor = "eve"
        add("records of an actor", try store.audit.records(filter, limit: 100))
        filter = RecordFilter()
        filter.researcher = people.first
        filter.kinds = ["vend", "key_issued"]
        add("records of one", try store.audit.records(filter, limit: 100))
        add("health", try store.upkeep.health(at: date, ahead: 14 * 86_400, idle: 30 * 86_400))
        let facts = try store.upkeep.facts(at: date)
        add("facts", [facts.revision, facts.records, facts.pruned, facts.vends])
        add("numbers", [facts.researchers, facts.disabledResearchers, facts.keys, facts.activeKeys])
        return views
    }

    /// The values of all rows of all tables that a copy carries.
    static func rows(of store: Store) throws -> [String: [SQLValue]] {
        try store.database.read { db in
            var tables: [String: [SQLValue]] = [:]
            for table in StoredTable.all + StoredTable.single {
                var values: [SQLValue] = []
                try table.forEachPage(db) { page in values += page.values }
                tables[table.name] = values
            }
            return tables
        }
    }

    /// True if both hold the same rows; a failed comparison would print them all.
    static func haveSameRows(_ one: Store, _ other: Store) throws -> Bool {
        try rows(of: one) == rows(of: other)
    }
}
