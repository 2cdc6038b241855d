import BursarFoundation
import BursarModel
import Spend

/// The owner of calls as it is stored: a researcher with the key and the project of the time, or another identity.
struct SpendOwner: Hashable, Sendable {
    enum Kind: String, Sendable, CaseIterable {
        case researcher
        case ownCheck = "own_check"
        case unknownSession = "unknown_session"
        case otherRole = "other_role"
        case user
        case root
        case service
    }

    let kind: Kind
    /// A handle, or the name of a role or user; empty for those without one.
    var name = ""
    var keyID = ""
    var project = ""

    init(_ attribution: Attribution, project: String) {
        switch attribution {
        case .researcher(let handle, let key):
            (kind, name, keyID) = (.researcher, handle.description, key?.description ?? "")
            self.project = project
        case .ownCheck: kind = .ownCheck
        case .unknownSession(let role): (kind, name) = (.unknownSession, role)
        case .otherRole(let role): (kind, name) = (.otherRole, role)
        case .user(let user): (kind, name) = (.user, user)
        case .root: kind = .root
        case .service: kind = .service
        }
    }

    var values: [SQLValue] { [.text(kind.rawValue), .text(name), .text(keyID), .text(project)] }

    /// The name of the row in reports.
    var label: String {
        switch kind {
        case .researcher: name
        case .ownCheck: Attribution.ownCheck.label
        case .unknownSession: Attribution.unknownSession(role: name).label
        case .otherRole: Attribution.otherRole(name).label
        case .user: Attribution.user(name).label
        case .root: Attribution.root.label
        case .service: Attribution.service.label
        }
    }

    static let table = NumberedTable(
        "spend_owners",
        [("kind", .text), ("name", .text), ("key_id", .text), ("project", .text)]
    )
}

extension SpendBatch.Meter {
    var values: [SQLValue] { [.text(region), .text(model), .integer(prompt)] }

    static let table = NumberedTable(
        "spend_meters",
        [("region", .text), ("model", .text), ("prompt", .integer)]
    )
}

/// A table that gives each combination of values a number, which roll-ups have in place of them.
struct NumberedTable: Sendable {
    private let name: String
    private let insert: RowInsert
    private let select: String

    init(_ name: String, _ columns: [(name: String, type: ColumnType)]) {
        self.name = name
        insert = RowInsert(into: name, [("id", .integer)] + columns)
        let conditions = columns.map { "\($0.name) = ?" }.joined(separator: " AND ")
        select = "SELECT id AS value FROM \(name) WHERE \(conditions)"
    }

    /// The numbers of `values`, by these; new ones, in their order, where there was none.
    func numbers<Value: Hashable>(
        of values: [Value],
        _ db: any Transaction,
        _ row: (Value) -> [SQLValue]
    ) throws -> [Value: Int64] {
        guard !values.isEmpty else { return [:] }
        let last = db.announce("SELECT coalesce(max(id), 0) AS value FROM \(name)") { try Self.number($0) ?? 0 }
        let found = values.map { value in
            db.announce(select, SQLArguments(values: row(value))) { try Self.number($0) }
        }
        var next = try last.get()
        var (numbers, added): ([Value: Int64], [SQLValue]) = ([:], [])
        for (value, found) in zip(values, found) {
            if let number = try found.get() {
                numbers[value] = number
            } else {
                next += 1
                numbers[value] = next
                added.append(.integer(next))
                added += row(value)
            }
        }
        try insert.write(added, to: db)
        return numbers
    }

    private static func number(_ rows: any AnnouncedRows) throws -> Int64? {
        var number: Int64?
        try rows.each { row in number = try row["value"] }
        return number
    }
}

/// The numbers of owners and meters, which never change once they are committed.
struct SpendNumbers: Sendable {
    var owners: [SpendOwner: Int64] = [:]
    var meters: [SpendBatch.Meter: Int64] = [:]

    /// Adds the numbers of those that aren't here yet.
    mutating func add(_ owners: [SpendOwner], _ meters: [SpendBatch.Meter], _ db: any Transaction) throws {
        let (owners, meters) = (owners.filter { self.owners[$0] == nil }, meters.filter { self.meters[$0] == nil })
        self.owners.merge(try SpendOwner.table.numbers(of: owners, db, \.values)) { known, _ in known }
        self.meters.merge(try SpendBatch.Meter.table.numbers(of: meters, db, \.values)) { known, _ in known }
    }
}

/// The owners of the callers of one batch, by the directory as it is in the transaction.
struct CallerDirectory {
    /// A project and the time from which on it holds, in UTC milliseconds.
    private typealias History = [(since: Int64, project: String)]

    /// The owners that a caller's calls may have.
    private(set) var owners: [SpendOwner] = []
    /// For each caller the positions of its owners, one after another, from a time on.
    private var positions: [[(since: Int64, owner: Int)]] = []

    /// Finds the owners of the sessions of `roles` among `callers`, whose positions ``owner(of:at:)`` takes.
    init(_ callers: [String?], roles: Set<VendedRole>, _ db: any Transaction) throws {
        let attributions = try Self.attributions(callers.map { Caller(arn: $0) }, roles, db)
        var (handles, keys): (Set<String>, Set<String>) = ([], [])
        for case .researcher(let handle, let key) in attributions {
            if let key { keys.insert(key.description) } else { handles.insert(handle.description) }
        }
        let histories = try Self.histories("researcher_projects", "researcher", handles, db)
        let keyHistories = try Self.histories("key_projects", "key_id", keys, db)
        var known: [SpendOwner: Int] = [:]
        for attribution in attributions {
            var history: History = [(0, "")]
            if case .researcher(let handle, let key) = attribution {
                let found = key.map { keyHistories[$0.description] } ?? histories[handle.description]
                history = found ?? history
            }
            positions.append(
                history.map { since, project in
                    let owner = SpendOwner(attribution, project: project)
                    let position = known[owner] ?? owners.count
                    if position == owners.count {
                        known[owner] = position
                        owners.append(owner)
                    }
                    return (since, position)
                }
            )
        }
    }

    /// The position in ``owners`` of the owner of a call at `time`.
    ///
    /// Its project is the one that its key had then, or its researcher if it names no key; a call from before the first
    /// row, by a clock that differs, has the first one.
    func owner(of caller: Int, at time: Int64) -> Int {
        let history = positions[caller]
        return (history.last { $0.since <= time } ?? history[0]).owner
    }

    private static func attributions(
        _ callers: [Caller],
        _ roles: Set<VendedRole>,
        _ db: any Transaction
    ) throws -> [Attribution] {
        // A name may be a handle, or a handle and a key's id.
        var (folded, ids): (Set<String>, Set<String>) = ([], [])
        for case .session(_, _, let name) in callers {
            folded.insert(name.lowercased())
            guard let (handle, key) = SessionName.parts(of: name) else { continue }
            folded.insert(handle.folded)
            ids.insert(key.description)
        }
        let (people, keys) = (try Self.people(folded, db), try Self.owners(of: ids, db))
        let sessions = SessionOwners(
            roles: roles,
            researcher: { people[$0]?.handle },
            owner: { keys[$0.description] },
            isSelftest: { people[$0.folded]?.isSelftest ?? false }
        )
        return try callers.map { try sessions.attribution(of: $0) }
    }

    private static func people(
        _ folded: Set<String>,
        _ db: any Transaction
    ) throws -> [String: (handle: Handle, isSelftest: Bool)] {
        guard !folded.isEmpty else { return [:] }
        let sql = """
            SELECT folded, handle, purpose FROM researchers WHERE \(db.dialect.isElementOfJSONArgument("folded"))
            """
        var people: [String: (handle: Handle, isSelftest: Bool)] = [:]
        try db.forEach(sql, [try json(folded)]) { row in
            let (handle, purpose): (Handle, String) = (try row["handle"], try row["purpose"])
            people[try row["folded"]] = (handle, purpose != "research")
        }
        return people
    }

    private static func owners(of ids: Set<String>, _ db: any Transaction) throws -> [String: Handle] {
        guard !ids.isEmpty else { return [:] }
        let sql = "SELECT id, researcher FROM keys WHERE \(db.dialect.isElementOfJSONArgument("id"))"
        var owners: [String: Handle] = [:]
        try db.forEach(sql, [try json(ids)]) { row in owners[try row["id"]] = try row["researcher"] }
        return owners
    }

    private static func histories(
        _ table: String,
        _ column: String,
        _ names: Set<String>,
        _ db: any Transaction
    ) throws -> [String: History] {
        guard !names.isEmpty else { return [:] }
        let sql = """
            SELECT \(column) AS name, since, project FROM \(table)
            WHERE \(db.dialect.isElementOfJSONArgument(column)) ORDER BY \(column), since
            """
        var histories: [String: History] = [:]
        try db.forEach(sql, [try json(names)]) { row in
            histories[try row["name"], default: []].append((try row["since"], try row["project"]))
        }
        return histories
    }

    private static func json(_ names: Set<String>) throws -> String {
        String(decoding: try JSONEncoder().encode(names.sorted()), as: UTF8.self)
    }
}
