package import BursarFoundation
package import BursarModel
import Vending

/// The result of restoring a backup.
package struct Restoration: Sendable {
    /// The sequence number and time of the backup's last record.
    package let sequence: Int64
    package let last: Date?
    /// Keys that work in the backup and no longer do, or perhaps shouldn't, and keys missing from it.
    package let keys: [RestoredKey]
    /// Researchers who exist only in the database that the backup was compared with.
    package let missingResearchers: [String]
    /// The number of active keys that work as before.
    package let unchanged: Int
}

/// A key whose present state a backup doesn't know.
package struct RestoredKey: Sendable {
    package enum RestoreWarning: String, Sendable {
        /// There was no database to compare with.
        case notCompared = "unknown since the backup"
        case revoked = "revoked since"
        /// Its researcher was disabled since.
        case disabled = "disabled since"
        case missing = "not in the other database"
        case changed = "changed since"
        /// It is unchanged, but another key of the same researcher isn't.
        case shared = "another key of theirs is in doubt"
        /// It exists in the other database only.
        case issued = "issued since"
    }

    /// Its state in the restored database.
    package enum Outcome: String, Sendable {
        case revoked
        /// Its researcher is disabled.
        case disabled
        case active
        case missing
    }

    package let id: KeyID
    package let researcher: String
    package let label: String?
    package let doubt: RestoreWarning
    package let outcome: Outcome

    fileprivate init(_ key: StoredKey, _ doubt: RestoreWarning, _ outcome: Outcome) {
        id = key.id
        researcher = key.researcher
        label = key.label
        self.doubt = doubt
        self.outcome = outcome
    }
}

extension Upkeep {
    /// Applies revocations, disablings and the pause that `present` knows of, disables the researchers of keys in doubt,
    /// and records all of it, in one transaction.
    ///
    /// - Throws: ``StoreError/unrelated(path:)`` if `present` isn't a later state of this database.
    package func reconcile(
        comparingWith present: (any Database)?,
        keepsActive: Bool,
        by act: AuditContext
    ) throws -> Restoration {
        let head = try database.read(Chain.current)
        if let present { try Self.check(present, continues: head) }
        let known = try present?.read(DirectorySnapshot.init)
        return try database.write { db in
            if let paused = known?.paused, try !DirectoryState.current(db).isPaused {
                try DirectoryWriter(db, by: act).setPaused(at: paused)
            }
            let last: Date? = try db.value("SELECT occurred_at AS value FROM records ORDER BY sequence DESC LIMIT 1")
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

    /// Checks that a state which ends with `head` is an earlier one of `present`, as far as the records show.
    private static func check(_ present: any Database, continues head: Chain) throws {
        let isSame = try present.read { db in
            let pruned = try Chain.pruned(db)
            if pruned.sequence > head.sequence || head.sequence == 0 { return true }
            if pruned.sequence == head.sequence { return pruned.head == head.head }
            return try db.value("SELECT hash AS value FROM records WHERE sequence = ?", [head.sequence]) == head.head
        }
        if !isSame { throw StoreError.unrelated(path: present.name) }
    }
}

/// Changes a restored database so that no key works in it that perhaps shouldn't.
private struct RestoreReconciliation {
    let known: DirectorySnapshot?
    let keepsActive: Bool
    /// The time of the backup's last record.
    let last: Date?
    let act: AuditContext

    /// - Returns: keys that don't work as before, and the number of keys that do.
    func reconcile(_ db: any Transaction) throws -> (keys: [RestoredKey], unchanged: Int) {
        let before = try StoredKey.all(db)
        let revoked = try applyRevocations(of: before, db)
        for researcher in known?.researchers ?? [] {
            if let date = researcher.disabled {
                try disable(researcher.handle, at: date, reason: researcher.disabledReason, db)
            }
        }
        let active = try StoredKey.all(db).filter { $0.status(at: act.date) == .active }
        let present = known.map { Dictionary(uniqueKeysWithValues: $0.keys.map { ($0.id, $0) }) }
        var doubts: [KeyID: RestoredKey.RestoreWarning] = [:]
        for key in active { doubts[key.id] = key.doubt(comparedWith: present) }
        let doubtful = Set(active.filter { doubts[$0.id] != nil }.map(\.researcher))
        if !keepsActive {
            let reason = "restored from a backup" + (last.map { " of \(Timestamp.string($0))" } ?? "")
            for handle in doubtful.sorted() { try disable(handle, at: act.date, reason: reason, db) }
        }
        let (still, had) = (Set(active.map(\.id)), Set(before.map(\.id)))
        var keys: [RestoredKey] = []
        var unchanged = 0
        for key in before {
            if revoked.contains(key.id) {
                keys.append(RestoredKey(key, .revoked, .revoked))
            } else if still.contains(key.id) {
                let doubt = doubts[key.id] ?? (doubtful.contains(key.researcher) && !keepsActive ? .shared : nil)
                guard let doubt else {
                    unchanged += 1
                    continue
                }
                keys.append(RestoredKey(key, doubt, keepsActive ? .active : .disabled))
            } else if key.status(at: act.date) == .active {
                keys.append(RestoredKey(key, .disabled, .disabled))
            }
        }
        for key in known?.keys ?? [] where !had.contains(key.id) && key.isHeld(at: act.date) {
            keys.append(RestoredKey(key, .issued, .missing))
        }
        return (keys, unchanged)
    }

    func missingResearchers(_ db: any Transaction) throws -> [String] {
        guard let known else { return [] }
        let here = Set(try db.values("SELECT handle AS value FROM researchers") as [String])
        return known.researchers.map(\.handle).filter { !here.contains($0) }
    }

    /// - Returns: the ids of the keys that this revoked.
    private func applyRevocations(of keys: [StoredKey], _ db: any Transaction) throws -> Set<KeyID> {
        let open = Set(keys.filter { $0.revoked == nil }.map(\.id))
        var taken: Set<KeyID> = []
        for key in known?.keys ?? [] where open.contains(key.id) {
            guard let date = key.revoked else { continue }
            try DirectoryWriter(db, by: act).revoke(key.id, of: key.researcher, at: date, reason: key.revokedReason)
            taken.insert(key.id)
        }
        return taken
    }

    /// Disables a researcher; one who is disabled already keeps the earlier date and reason.
    private func disable(_ handle: String, at date: Date, reason: String?, _ db: any Transaction) throws {
        let sql = "SELECT 1 AS value FROM researchers WHERE handle = ? AND disabled_at IS NULL"
        guard try db.exists(sql, [handle]) else { return }
        try DirectoryWriter(db, by: act).setDisabled(handle, at: date, reason: reason)
    }
}

extension StoredKey {
    /// True if a researcher may hold the key, a canary included; a self-test's key is never handed out.
    fileprivate func isHeld(at date: Date) -> Bool {
        !isSelftest && (status(at: date) == .canary || isInForce(at: date))
    }

    /// The reason to doubt that the key may work; nil if the other database has it with the same values.
    ///
    /// `known` are that database's keys; nil if there is no other database.
    fileprivate func doubt(comparedWith known: [KeyID: StoredKey]?) -> RestoredKey.RestoreWarning? {
        guard let known else { return .notCompared }
        guard let present = known[id] else { return .missing }
        return allows(thatOf: present) ? nil : .changed
    }

    /// True if each value that decides what the key allows is the same in both.
    private func allows(thatOf other: StoredKey) -> Bool {
        (researcher, hash, project, isCanary) == (other.researcher, other.hash, other.project, other.isCanary)
            && storedTerms == other.storedTerms
            && [expires, researcherEnds, sessionsValidFrom, researcherDisabled]
                == [other.expires, other.researcherEnds, other.sessionsValidFrom, other.researcherDisabled]
    }
}
