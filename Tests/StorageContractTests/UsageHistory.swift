import BursarFoundation
import BursarModel
import StorageTestSupport
import TestSupport
import Testing
import Vending

@testable import Storage

/// A database with a random history, and the same history as a plain list: what reports are held to.
final class UsageHistory {
    struct Owner: Equatable {
        let handle: String
        /// The key's, at the time.
        var project: String
    }

    struct Event {
        let date: Date
        let key: KeyID
        /// nil for an id that no key has.
        let owner: Owner?
        let outcome: String
        let network: String?

        var day: UTCDay { UTCDay(containing: date) }
        var isVend: Bool { outcome == "vended" }
        var isCanaryUse: Bool { outcome == "canary_used" }
    }

    struct Sum: Equatable {
        var vends = 0
        var refusals = 0
        var last: Date?

        init() {}

        init(_ tally: UsageTally) {
            (vends, refusals, last) = (tally.vends, tally.refusals, tally.lastVend)
        }

        mutating func add(_ event: Event) {
            if event.isVend {
                vends += 1
                last = max(last ?? event.date, event.date)
            } else {
                refusals += 1
            }
        }
    }

    private static let year: TimeInterval = 366 * 86_400
    private static let selftest = "selftest-1"
    private static let owners = [
        Owner(handle: "ada", project: "engines"), Owner(handle: "bob", project: "engines"),
        Owner(handle: "eve", project: "looms"),
    ]
    private static let projects = ["engines", "looms", "sails"]
    private static let addresses = ["192.0.2.7", "198.51.100.1", "2001:db8:5::1"]
    private static let codes: [ErrorCode] = [.rateLimited, .quotaExhausted, .keyInvalid]

    let store: Store
    private let place = TemporaryStore()
    private var events: [Event] = []
    private var keys: [(id: KeyID, owner: Owner?)] = []
    private var vends: [KeyID: [Vend]] = [:]

    init() async throws {
        store = try await place.made()
        for owner in Self.owners {
            let handle = try #require(Handle(owner.handle))
            let person = Researcher(handle: handle, name: "N", email: "e@example.edu", project: owner.project)
            #expect(try store.administration.add(person, by: TemporaryStore.act))
        }
        try store.change(
            """
            INSERT INTO researchers (handle, name, email, project, created_at, purpose)
            VALUES ('\(Self.selftest)', 'S', 'e', 'engines', 0, 'selftest')
            """
        )
    }

    /// So many vends and refusals in a year, while keys change their projects and months are summed up now and then.
    func fill(_ count: Int, using random: inout SeededGenerator) async throws {
        for owner in Self.owners + Self.owners + [Owner(handle: Self.selftest, project: "engines")] {
            let id = try store.issueKey(to: owner.handle, life: Self.year)
            keys.append((id, owner))
            try await prepareVends(of: id)
        }
        keys.append((KeyID(using: &random), nil))
        // More keys than are looked up one by one.
        for _ in 0..<30 { _ = try store.issueKey(to: "ada", life: Self.year) }
        let dates = (0..<count).map { _ in
            Date(
                milliseconds: TemporaryStore.now.milliseconds
                    + .random(in: 0..<Int64(Self.year - 1) * 1000, using: &random)
            )
        }
        for date in dates.sorted() {
            switch Int.random(in: 0..<12, using: &random) {
            case 0..<4: try refuse(at: date, using: &random)
            case 4: try await move(at: date, using: &random)
            default:
                guard let place = keys.indices.randomElement(using: &random) else { continue }
                try vend(place, at: date, using: &random)
            }
            guard Int.random(in: 0..<30, using: &random) == 0 else { continue }
            try store.ledger.sumUpMonths(
                at: TemporaryStore.now.addingTimeInterval(.random(in: 0..<Self.year, using: &random))
            )
        }
    }

    /// Vends that the server would decide on by the key's row as it is now.
    private func prepareVends(of id: KeyID) async throws {
        vends[id] = []
        for address in Self.addresses { vends[id]?.append(try await store.vend(id, from: address)) }
    }

    /// Changes a key's project, mostly between vends of the same day.
    private func move(at date: Date, using random: inout SeededGenerator) async throws {
        guard let place = keys.indices.randomElement(using: &random), keys[place].owner?.handle != Self.selftest else {
            return
        }
        if Bool.random(using: &random) {
            try vend(place, at: Date(milliseconds: date.milliseconds - 1), using: &random)
        }
        var change = KeyChange()
        change.project = Self.projects.randomElement(using: &random)
        let act = AuditContext(actor: "root@desk", date: date)
        guard try store.administration.update(keys[place].id, change, by: act, check: { _, _ in }) != nil else {
            return
        }
        keys[place].owner?.project = change.project ?? ""
        try await prepareVends(of: keys[place].id)
        if Bool.random(using: &random) {
            try vend(place, at: Date(milliseconds: date.milliseconds + 1), using: &random)
        }
    }

    private func vend(_ place: Int, at date: Date, using random: inout SeededGenerator) throws {
        guard let vend = vends[keys[place].id]?.randomElement(using: &random) else { return }
        let outcomes = try store.database.write { db in try VendBatch([vend], at: date).write(to: db).outcomes }
        for outcome in outcomes { _ = try outcome.get() }
        let network = vend.address.reportedNetwork.description
        events.append(
            Event(date: date, key: keys[place].id, owner: keys[place].owner, outcome: "vended", network: network)
        )
    }

    private func refuse(at date: Date, using random: inout SeededGenerator) throws {
        guard let (id, owner) = keys.randomElement(using: &random), let code = Self.codes.randomElement(using: &random)
        else { return }
        var subject: VendError.Subject = owner == nil ? .unknown(id) : .unproven(id)
        let isCanaryUse = owner != nil && Int.random(in: 0..<3, using: &random) == 0
        if isCanaryUse, let owner { subject = .canary(id, try #require(Handle(owner.handle))) }
        let tally = RefusalTally()
        tally.note(VendError(code, subject), from: nil, requestID: "", at: date)
        try store.ledger.record(try #require(tally.take()))
        events.append(
            Event(date: date, key: id, owner: owner, outcome: isCanaryUse ? "canary_used" : code.rawValue, network: nil)
        )
    }

    /// Any range, narrowed to anything or nothing.
    func scope(using random: inout SeededGenerator) -> UsageScope {
        let start = UTCDay(containing: TemporaryStore.now).number + .random(in: -40..<380, using: &random)
        let end = start + .random(in: 0..<400, using: &random)
        let outcomes: [UsageScope.Outcome?] = [nil, nil, .vended, .refused, .code(.rateLimited)]
        var scope = UsageScope(UTCDay(number: start)...UTCDay(number: end))
        scope.outcome = outcomes.randomElement(using: &random) ?? nil
        switch Int.random(in: 0..<6, using: &random) {
        case 0: scope.researcher = Self.owners.randomElement(using: &random)?.handle
        case 1: scope.project = Self.projects.randomElement(using: &random)
        case 2: scope.key = keys.filter { $0.owner != nil }.randomElement(using: &random)?.id
        default: break
        }
        return scope
    }

    /// The events that count in `scope`: none of a self-test.
    func events(in scope: UsageScope) -> [Event] {
        events.filter { event in
            guard scope.days.contains(event.day), event.owner?.handle != Self.selftest else { return false }
            if let researcher = scope.researcher, event.owner?.handle != researcher { return false }
            if let project = scope.project, event.owner?.project != project { return false }
            if let key = scope.key, event.key != key { return false }
            return switch scope.outcome {
            case nil: true
            case .vended: event.isVend
            case .refused: !event.isVend
            case .code(let code): event.outcome == code.rawValue
            }
        }
    }
}
