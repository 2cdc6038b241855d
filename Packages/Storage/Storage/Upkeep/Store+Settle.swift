import BursarFoundation
import BursarModel
import GRDB

extension Store {
    /// Takes over what `present` knows was revoked, disabled or stopped, disables the researchers of keys in doubt, and records
    /// what was done, all in one transaction.
    func settle(comparingWith present: Store?, keepsActive: Bool, by act: AuditContext) throws -> Restoration {
        let head = try read(Chain.current)
        if let present { try present.checkContinues(head) }
        let known = try present?.read(NewerState.init)
        return try write { db in
            if let paused = known?.paused, try !DirectoryState.current(db).isPaused {
                try db.changeDirectory("UPDATE revision SET paused_at = ?", [paused])
                try act.record(.vendingPaused, in: db)
            }
            let last = try Int64.fetchOne(db, sql: "SELECT occurred_at FROM records ORDER BY sequence DESC LIMIT 1")
                .map(Date.init(milliseconds:))
            let settlement = RestoreReconciliation(known: known, keepsActive: keepsActive, last: last, act: act)
            let (keys, unchanged) = try settlement.settle(db)
            let disabled = Set(keys.filter { $0.outcome == .disabled }.map(\.researcher)).count
            let revoked = keys.count { $0.outcome == .revoked }
            let detail = "from record \(head.sequence), \(revoked) keys revoked, \(disabled) researchers disabled"
            try act.record(.databaseRestored, detail: detail, in: db)
            return Restoration(
                sequence: head.sequence,
                last: last,
                keys: keys,
                missingResearchers: try settlement.missingResearchers(db),
                unchanged: unchanged
            )
        }
    }
}

/// What a later state of the database knows.
private struct NewerState: Sendable {
    struct Disabled: Sendable {
        let date: Int64
        let reason: String?
    }

    let keys: [KeyState]
    let researchers: [String]
    let disabled: [String: Disabled]
    /// When all vending was stopped; nil while it goes on.
    let paused: Int64?

    init(_ db: Database) throws {
        paused = try Int64.fetchOne(db, sql: "SELECT paused_at FROM revision")
        keys = try KeyState.all(db)
        let sql =
            "SELECT handle, disabled_at, disabled_reason FROM researchers WHERE purpose = 'research' ORDER BY handle"
        let rows = try Row.fetchAll(db, sql: sql)
        researchers = rows.map { $0[0] }
        var disabled: [String: Disabled] = [:]
        for row in rows {
            guard let date = row[1] as Int64? else { continue }
            disabled[row[0]] = Disabled(date: date, reason: row[2])
        }
        self.disabled = disabled
    }
}

/// Brings a restored database to where nothing works in it that perhaps should not.
private struct RestoreReconciliation {
    let known: NewerState?
    let keepsActive: Bool
    /// When the backup's last record was made.
    let last: Date?
    let act: AuditContext

    private var now: Int64 { act.date.milliseconds }

    /// - Returns: keys that don't go on as they did, and how many do.
    func settle(_ db: Database) throws -> (keys: [RestoredKey], unchanged: Int) {
        let before = try KeyState.all(db)
        let revoked = try takeOverRevocations(of: before, db)
        try takeOverDisablings(db)
        let active = try KeyState.all(db).filter { $0.isActive(at: now) }
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
            } else if key.isActive(at: now) {
                keys.append(contentsOf: key.restored(.disabled, .disabled))
            }
        }
        for key in known?.keys ?? [] where !had.contains(key.id) && key.isHeld(at: now) {
            keys.append(contentsOf: key.restored(.issued, .missing))
        }
        return (keys, unchanged)
    }

    func missingResearchers(_ db: Database) throws -> [String] {
        guard let known else { return [] }
        let here = Set(try String.fetchAll(db, sql: "SELECT handle FROM researchers"))
        return known.researchers.filter { !here.contains($0) }
    }

    /// - Returns: the ids of keys that were not revoked yet.
    private func takeOverRevocations(of keys: [KeyState], _ db: Database) throws -> Set<String> {
        let open = Set(keys.filter { $0.revoked == nil }.map(\.id))
        var taken: Set<String> = []
        for key in known?.keys ?? [] where open.contains(key.id) {
            guard let date = key.revoked else { continue }
            let sql = "UPDATE keys SET revoked_at = ?, revoked_reason = ? WHERE id = ?"
            try db.changeDirectory(sql, [date, key.reason, key.id])
            try act.record(.keyRevoked, researcher: key.researcher, key: key.id, in: db)
            taken.insert(key.id)
        }
        return taken
    }

    private func takeOverDisablings(_ db: Database) throws {
        for (handle, disabled) in (known?.disabled ?? [:]).sorted(by: { $0.key < $1.key }) {
            try disable(handle, at: disabled.date, reason: disabled.reason, db)
        }
    }

    /// Who is disabled already stays so, with the reason of then.
    private func disable(_ handle: String, at date: Int64, reason: String?, _ db: Database) throws {
        let isEnabled = "SELECT EXISTS (SELECT 1 FROM researchers WHERE handle = ? AND disabled_at IS NULL)"
        guard try Bool.fetchOne(db, sql: isEnabled, arguments: [handle]) == true else { return }
        let sql = "UPDATE researchers SET disabled_at = ?, disabled_reason = ? WHERE handle = ?"
        try db.changeDirectory(sql, [date, reason, handle])
        try act.record(.researcherDisabled, researcher: handle, in: db)
    }
}

extension KeyState {
    /// None when its id is none of ours, with which nothing could be asked for.
    fileprivate func restored(_ doubt: RestoredKey.RestoreWarning, _ outcome: RestoredKey.Outcome) -> [RestoredKey] {
        guard let key = KeyID(id) else { return [] }
        return [RestoredKey(id: key, researcher: researcher, label: label, doubt: doubt, outcome: outcome)]
    }
}
