package import BursarFoundation
package import BursarModel
import Vending

/// The restrictions that a later state of a database has and the database itself lacks: after its server was restored
/// from a snapshot, keys that were revoked since would work again.
package struct LaterState: Sendable {
    /// A restriction that is taken over, or a difference that is left to the operator.
    package struct Difference: Sendable {
        package enum Kind: String, Sendable {
            case paused = "vending paused since"
            case revoked = "revoked since"
            case expires = "ends earlier since"
            case rotated = "rotated since"
            case disabled = "disabled since"
            case ends = "stay ends earlier since"
            case sessionsEnded = "sessions ended since"
            // Those below are left as they are.
            case changed = "allows something else since"
            case issued = "issued since"
            case added = "added since"
            case contradicted = "changed here since"
        }

        package let kind: Kind
        package let key: KeyID?
        package let researcher: String?
        package let label: String?
        /// The moment that is taken over.
        package let date: Date?
        fileprivate var reason: String?

        /// True if it is taken over.
        package var isRestriction: Bool {
            switch kind {
            case .paused, .revoked, .expires, .rotated, .disabled, .ends, .sessionsEnded: true
            case .changed, .issued, .added, .contradicted: false
            }
        }
    }

    /// The last record that both have.
    package let common: Int64
    /// The last record of each.
    package let last: (here: Int64, there: Int64)
    package let differences: [Difference]

    package var restrictions: [Difference] { differences.filter(\.isRestriction) }
}

extension Upkeep {
    /// Compares this database with `later`, and changes nothing.
    ///
    /// - Throws: ``StoreError/unrelated(path:)`` if they have no record in common, ``StoreError/damaged(path:flaw:)`` if
    ///   the records of `later` don't prove what it says.
    package func laterState(of later: any Database, at date: Date) throws -> LaterState {
        try Self.checkChain(of: later)
        return try database.read { db in try Comparison(db, later, at: date).state() }
    }

    /// Takes over the restrictions of `later` and records each, in one transaction; what is revoked or disabled here stays
    /// so, and nothing is allowed that wasn't.
    ///
    /// - Returns: the differences, as ``laterState(of:at:)`` finds them; after that there are no more restrictions.
    package func takeOverRestrictions(of later: any Database, by act: AuditContext) throws -> LaterState {
        try Self.checkChain(of: later)
        return try database.write { db in
            let state = try Comparison(db, later, at: act.date).state()
            let restrictions = state.restrictions
            guard !restrictions.isEmpty else { return state }
            for restriction in restrictions { try Self.apply(restriction, by: act, db) }
            let detail =
                "from record \(state.common + 1) to \(state.last.there) of a later state: "
                + "\(restrictions.count { $0.kind == .revoked }) keys revoked, "
                + "\(restrictions.count { $0.kind == .disabled }) researchers disabled, "
                + "\(restrictions.count { $0.kind != .revoked && $0.kind != .disabled }) other restrictions"
            try act.record(.databaseRestored, detail: detail, in: db)
            return state
        }
    }

    private static func checkChain(of later: any Database) throws {
        guard let flaw = try Upkeep(later).firstFlaw(.chain) else { return }
        throw StoreError.damaged(path: later.name, flaw: flaw)
    }

    private static func apply(
        _ restriction: LaterState.Difference,
        by act: AuditContext,
        _ db: any Transaction
    ) throws {
        let writer = DirectoryWriter(db, by: act)
        let (researcher, date) = (restriction.researcher ?? "", restriction.date ?? act.date)
        switch restriction.kind {
        case .paused: try writer.setPaused(at: date)
        case .revoked:
            guard let key = restriction.key else { return }
            try writer.revoke(key, of: researcher, at: date, reason: restriction.reason)
        case .expires, .rotated:
            guard let key = restriction.key else { return }
            try writer.change("UPDATE keys SET expires_at = ? WHERE id = ?", [date, key.description])
            try act.record(
                .keyUpdated,
                researcher: researcher,
                key: key.description,
                expires: date,
                detail: "expires \(Timestamp.string(date))",
                in: db
            )
        case .disabled: try writer.setDisabled(researcher, at: date, reason: restriction.reason)
        case .ends:
            try writer.change("UPDATE researchers SET ends_at = ? WHERE handle = ?", [date, researcher])
            try act.record(
                .researcherUpdated,
                researcher: researcher,
                detail: "ends \(Timestamp.string(date))",
                in: db
            )
        case .sessionsEnded:
            try writer.change("UPDATE researchers SET sessions_valid_from = ? WHERE handle = ?", [date, researcher])
            try act.record(
                .sessionsEnded,
                researcher: researcher,
                detail: "valid from \(Timestamp.string(date))",
                in: db
            )
        case .changed, .issued, .added, .contradicted: break
        }
    }
}

/// A comparison of a database, within a transaction, with a later state of it.
private struct Comparison {
    private let db: any Transaction
    private let date: Date
    private let common: Int64
    private let last: (here: Int64, there: Int64)
    private let here: DirectorySnapshot
    private let there: DirectorySnapshot
    /// Operators' records of this database alone.
    private let later: [Act]

    /// A record of an operator's act.
    private struct Act: RowDecodable {
        let kind: String
        let researcher: String?
        let key: String?

        init(_ row: ResultRow) throws {
            kind = try row["kind"]
            researcher = try row["researcher"]
            key = try row["key_id"]
        }
    }

    init(_ db: any Transaction, _ other: any Database, at date: Date) throws {
        (self.db, self.date) = (db, date)
        let found = try other.read { there -> (Int64, (Int64, Int64), DirectorySnapshot)? in
            guard let common = try Self.lastCommonRecord(db, there) else { return nil }
            let last = (try Chain.current(db).sequence, try Chain.current(there).sequence)
            return (common, last, try DirectorySnapshot(there))
        }
        guard let found else { throw StoreError.unrelated(path: other.name) }
        (common, last, there) = found
        here = try DirectorySnapshot(db)
        later = try db.all(
            """
            SELECT kind, researcher, key_id FROM records WHERE kind NOT IN ('vend', 'refusal') AND sequence > ?
            ORDER BY sequence
            """,
            [common]
        )
    }

    /// Finds the last record that two chains have in common; nil if there is none, or if it was pruned in one of them.
    private static func lastCommonRecord(_ one: any Transaction, _ other: any Transaction) throws -> Int64? {
        let pruned = (try Chain.pruned(one), try Chain.pruned(other))
        func isCommon(_ sequence: Int64) throws -> Bool {
            func hash(_ db: any Transaction, _ pruned: Chain) throws -> [UInt8]? {
                if sequence == pruned.sequence { return pruned.head }
                return try db.value("SELECT hash AS value FROM records WHERE sequence = ?", [sequence])
            }
            return try hash(one, pruned.0) == hash(other, pruned.1)
        }
        var low = max(pruned.0.sequence, pruned.1.sequence)
        var high = min(try Chain.current(one).sequence, try Chain.current(other).sequence)
        guard low <= high, try isCommon(low) else { return nil }
        // All records before a common one are common.
        while low < high {
            let middle = low + (high - low + 1) / 2
            if try isCommon(middle) { low = middle } else { high = middle - 1 }
        }
        return low > 0 ? low : nil
    }

    func state() -> LaterState {
        let differences = pause + researchers + there.keys.flatMap(differences(of:))
        return LaterState(common: common, last: last, differences: differences)
    }

    /// True if an operator did this here after the last common record: that is the later word.
    private func did(_ kind: RecordEntry.Kind, researcher: String? = nil, key: KeyID? = nil) -> Bool {
        later.contains { act in
            act.kind == kind.rawValue && (researcher == nil || act.researcher == researcher)
                && (key == nil || act.key == key?.description)
        }
    }

    private var pause: [LaterState.Difference] {
        guard let paused = there.paused, here.paused == nil else { return [] }
        return [difference(did(.vendingResumed) ? .contradicted : .paused, at: paused)]
    }

    private var researchers: [LaterState.Difference] {
        there.researchers.flatMap { other -> [LaterState.Difference] in
            let handle = other.handle
            guard let own = here.researchers.first(where: { $0.handle == handle }) else {
                return [difference(.added, handle)]
            }
            var found: [LaterState.Difference] = []
            if let disabled = other.disabled, own.disabled == nil {
                let isLater = did(.researcherEnabled, researcher: handle)
                found.append(
                    difference(isLater ? .contradicted : .disabled, handle, at: disabled, reason: other.disabledReason)
                )
            }
            if let ends = other.ends, own.ends.map({ ends < $0 }) ?? true {
                let isLater = did(.researcherUpdated, researcher: handle)
                found.append(difference(isLater ? .contradicted : .ends, handle, at: ends))
            }
            if let from = other.sessionsValidFrom, own.sessionsValidFrom.map({ from > $0 }) ?? true {
                found.append(difference(.sessionsEnded, handle, at: from))
            }
            return found
        }
    }

    private func differences(of other: StoredKey) -> [LaterState.Difference] {
        guard let own = here.keys.first(where: { $0.id == other.id }) else {
            // A self-test's key is never handed out.
            let isHeld = !other.isSelftest && (other.status(at: date) == .canary || other.isInForce(at: date))
            return isHeld ? [difference(.issued, other)] : []
        }
        guard own.revoked == nil else { return [] }
        if let revoked = other.revoked {
            return [difference(.revoked, other, at: revoked, reason: other.revokedReason)]
        }
        var found: [LaterState.Difference] = []
        if other.expires < own.expires {
            let isLater = did(.keyUpdated, key: other.id)
            let kind: LaterState.Difference.Kind = other.replacedBy == own.replacedBy ? .expires : .rotated
            found.append(difference(isLater ? .contradicted : kind, other, at: other.expires))
        }
        // A longer life, too, is what the operator wanted later, and allows more.
        let isOther = other.storedTerms != own.storedTerms || other.hash != own.hash || other.project != own.project
        if isOther || other.expires > own.expires,
            own.isInForce(at: date), !did(.keyUpdated, key: other.id)
        {
            found.append(difference(.changed, other))
        }
        return found
    }

    private func difference(
        _ kind: LaterState.Difference.Kind,
        _ researcher: String? = nil,
        at date: Date? = nil,
        reason: String? = nil
    ) -> LaterState.Difference {
        LaterState.Difference(kind: kind, key: nil, researcher: researcher, label: nil, date: date, reason: reason)
    }

    private func difference(
        _ kind: LaterState.Difference.Kind,
        _ key: StoredKey,
        at date: Date? = nil,
        reason: String? = nil
    ) -> LaterState.Difference {
        LaterState.Difference(
            kind: kind,
            key: key.id,
            researcher: key.researcher,
            label: key.label,
            date: date,
            reason: reason
        )
    }
}

/// All keys and researchers, and the pause, as one state of a database has them.
struct DirectorySnapshot {
    struct Researcher: RowDecodable {
        let handle: String
        let disabled: Date?
        let disabledReason: String?
        let ends: Date?
        let sessionsValidFrom: Date?

        init(_ row: ResultRow) throws {
            handle = try row["handle"]
            disabled = try row["disabled_at"]
            disabledReason = try row["disabled_reason"]
            ends = try row["ends_at"]
            sessionsValidFrom = try row["sessions_valid_from"]
        }
    }

    let keys: [StoredKey]
    let researchers: [Researcher]
    /// The time at which all vending was stopped; nil while it goes on.
    let paused: Date?

    init(_ db: any Transaction) throws {
        paused = try DirectoryState.current(db).paused
        keys = try StoredKey.all(db)
        researchers = try db.all(
            """
            SELECT handle, disabled_at, disabled_reason, ends_at, sessions_valid_from FROM researchers
            WHERE purpose = 'research' ORDER BY folded
            """
        )
    }
}
