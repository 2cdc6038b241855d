import BursarFoundation
import BursarModel
import GRDB
import Vending

extension Store {
    /// Applies revocations, disablings and the pause that `present` knows of, disables the researchers of keys in doubt,
    /// and records all of it, in one transaction.
    func reconcile(comparingWith present: Store?, keepsActive: Bool, by act: AuditContext) throws -> Restoration {
        let head = try read(Chain.current)
        if let present { try present.checkContinues(head) }
        let known = try present?.read(NewerState.init)
        return try write { db in
            if let paused = known?.paused, try !DirectoryState.current(db).isPaused {
                try DirectoryWriter(db, by: act).setPaused(at: paused)
            }
            let last = try Int64.fetchOne(db, sql: "SELECT occurred_at FROM records ORDER BY sequence DESC LIMIT 1")
                .map(Date.init(milliseconds:))
            let reconciliation = RestoreReconciliation(known: known, keepsActive: keepsActive, last: last, act: act)
            let (keys, unchanged) = try reconciliation.reconcile(db)
            let disabled = Set(keys.filter { $0.outcome == .disabled }.map(\.researcher)).count
            let revoked = keys.count { $0.outcome == .revoked }
            let detail = "from record \(head.sequence), \(revoked) keys revoked, \(disabled) researchers disabled"
            try act.record(.databaseRestored, detail: detail, in: db)
            return Restoration(
                sequence: head.sequence,
                last: last,
                keys: keys,
                missingResearchers: try reconciliation.missingResearchers(db),
                unchanged: unchanged
            )
        }
    }
}

/// The facts that a later state of the database adds to a backup.
private struct NewerState: Sendable {
    struct Disabled: Sendable {
        let date: Int64
        let reason: String?
    }

    let keys: [KeyState]
    let researchers: [String]
    let disabled: [String: Disabled]
    /// The time at which all vending was stopped; nil while it goes on.
    let paused: Int64?

    init(_ db: Database) throws {
        paused = try DirectoryState.current(db).paused
        keys = try KeyState.all(db)
        let sql =
            "SELECT handle, disabled_at, disabled_reason FROM researchers WHERE purpose = 'research' ORDER BY handle"
        let rows = try Row.fetchAll(db, sql: sql)
        researchers = rows.map { $0["handle"] }
        var disabled: [String: Disabled] = [:]
        for row in rows {
            guard let date = row["disabled_at"] as Int64? else { continue }
            disabled[row["handle"]] = Disabled(date: date, reason: row["disabled_reason"])
        }
        self.disabled = disabled
    }
}

/// Changes a restored database so that no key works in it that perhaps shouldn't.
private struct RestoreReconciliation {
    let known: NewerState?
    let keepsActive: Bool
    /// The time of the backup's last record.
    let last: Date?
    let act: AuditContext

    private var now: Int64 { act.date.milliseconds }

    /// - Returns: keys that don't work as before, and the number of keys that do.
    func reconcile(_ db: Database) throws -> (keys: [RestoredKey], unchanged: Int) {
        let before = try KeyState.all(db)
        let revoked = try applyRevocations(of: before, db)
        try applyDisablings(db)
        let active = try KeyState.all(db).filter { $0.status(at: act.date) == .active }
        let present = known.map { Dictionary(uniqueKeysWithValues: $0.keys.map { ($0.id, $0) }) }
        var doubts: [String: RestoredKey.RestoreWarning] = [:]
        for key in active { doubts[key.id] = key.doubt(comparedWith: present) }
        let doubtful = Set(active.filter { doubts[$0.id] != nil }.map(\.researcher))
        if !keepsActive {
            let reason = "restored from a backup" + (last.map { " of \(Timestamp.string($0))" } ?? "")
            for handle in doubtful.sorted() { try disable(handle, at: now, reason: reason, db) }
        }
        let (still, had) = (Set(active.map(\.id)), Set(before.map(\.id)))
        var keys: [RestoredKey] = []
        var unchanged = 0
        for key in before {
            if revoked.contains(key.id) {
                keys.append(contentsOf: key.restored(.revoked, .revoked))
            } else if still.contains(key.id) {
                let doubt = doubts[key.id] ?? (doubtful.contains(key.researcher) && !keepsActive ? .shared : nil)
                guard let doubt else {
                    unchanged += 1
                    continue
                }
                keys.append(contentsOf: key.restored(doubt, keepsActive ? .active : .disabled))
            } else if key.status(at: act.date) == .active {
                keys.append(contentsOf: key.restored(.disabled, .disabled))
            }
        }
        for key in known?.keys ?? [] where !had.contains(key.id) && key.isHeld(at: act.date) {
            keys.append(contentsOf: key.restored(.issued, .missing))
        }
        return (keys, unchanged)
    }

    func missingResearchers(_ db: Database) throws -> [String] {
        guard let known else { return [] }
        let here = Set(try String.fetchAll(db, sql: "SELECT handle FROM researchers"))
        return known.researchers.filter { !here.contains($0) }
    }

    /// - Returns: the ids of the keys that this revoked.
    private func applyRevocations(of keys: [KeyState], _ db: Database) throws -> Set<String> {
        let open = Set(keys.filter { $0.revoked == nil }.map(\.id))
        var taken: Set<String> = []
        for key in known?.keys ?? [] where open.contains(key.id) {
            guard let date = key.revoked else { continue }
            try DirectoryWriter(db, by: act).revoke(key.id, of: key.researcher, at: date, reason: key.reason)
            taken.insert(key.id)
        }
        return taken
    }

    private func applyDisablings(_ db: Database) throws {
        for (handle, disabled) in (known?.disabled ?? [:]).sorted(by: { $0.key < $1.key }) {
            try disable(handle, at: disabled.date, reason: disabled.reason, db)
        }
    }

    /// Disables a researcher; one who is disabled already keeps the earlier date and reason.
    private func disable(_ handle: String, at date: Int64, reason: String?, _ db: Database) throws {
        let isEnabled = "SELECT EXISTS (SELECT 1 FROM researchers WHERE handle = ? AND disabled_at IS NULL)"
        guard try Bool.fetchOne(db, sql: isEnabled, arguments: [handle]) == true else { return }
        try DirectoryWriter(db, by: act).setDisabled(handle, at: date, reason: reason)
    }
}

extension KeyState {
    /// Returns the key's report; none if its id isn't well-formed, so that no caller could present it.
    fileprivate func restored(_ doubt: RestoredKey.RestoreWarning, _ outcome: RestoredKey.Outcome) -> [RestoredKey] {
        guard let key = KeyID(id) else { return [] }
        return [RestoredKey(id: key, researcher: researcher, label: label, doubt: doubt, outcome: outcome)]
    }
}

/// A key with every value that decides what it allows, to be compared with the same key in another database.
struct KeyState: Sendable {
    private static let decisive = [
        "researcher", "hash", "expires_at", "allowed", "models", "daily_limit", "rate", "session_seconds", "canary",
        "project", "ends_at", "sessions_valid_from", "disabled_at",
    ]

    let id: String
    let researcher: String
    let label: String?
    let revoked: Int64?
    let reason: String?
    private let isResearch: Bool
    private let expires: Int64
    private let disabled: Int64?
    private let ends: Int64?
    private let isCanary: Bool
    private let terms: [DatabaseValue]

    /// Reads all keys, in the order of lists.
    static func all(_ db: Database) throws -> [KeyState] {
        let sql = """
            SELECT id, label, revoked_at, revoked_reason, purpose, \(decisive.joined(separator: ", "))
            FROM keys JOIN researchers ON handle = researcher ORDER BY researcher, keys.created_at
            """
        return try Row.fetchAll(db, sql: sql).map(KeyState.init)
    }

    private init(_ row: Row) {
        id = row["id"]
        researcher = row["researcher"]
        label = row["label"]
        revoked = row["revoked_at"]
        reason = row["revoked_reason"]
        isResearch = row["purpose"] == "research"
        expires = row["expires_at"]
        disabled = row["disabled_at"]
        ends = row["ends_at"]
        isCanary = row["canary"]
        terms = Self.decisive.map { row[$0] }
    }

    func status(at date: Date) -> KeyStatus {
        KeyStatus(
            isRevoked: revoked != nil,
            isCanary: isCanary,
            expires: Date(milliseconds: expires),
            isResearcherDisabled: disabled != nil,
            researcherEnds: ends.map(Date.init(milliseconds:)),
            at: date
        )
    }

    /// True if a researcher may hold the key, a canary included; a self-test's key is never handed out.
    func isHeld(at date: Date) -> Bool {
        isResearch && (status(at: date) == .canary || KeyStatus.inForce.contains(status(at: date)))
    }

    /// The reason to doubt that the key may work; nil if the other database has it with the same values.
    ///
    /// `known` are that database's keys; nil if there is no other database.
    func doubt(comparedWith known: [String: KeyState]?) -> RestoredKey.RestoreWarning? {
        guard let known else { return .notCompared }
        guard let present = known[id] else { return .missing }
        return present.terms == terms ? nil : .changed
    }
}
