package import BursarFoundation
package import BursarModel
import GRDB
package import Vending

/// A key as lists show it, with its researcher's state and its last use.
package struct ListedKey: Sendable {
    package let id: KeyID
    package let researcher: String
    package let project: String
    package let label: String?
    package let created: Date
    package let expires: Date
    package let revoked: Date?
    package let revokedReason: String?
    package let isCanary: Bool
    package let replacedBy: KeyID?
    private let storedTerms: StoredRestrictions
    package let isResearcherDisabled: Bool
    /// Whether it is a key of `admin selftest`, of a researcher who is in no report.
    package let isSelftest: Bool
    /// When the researcher's stay ends.
    package let researcherEnds: Date?
    /// nil when it was never used.
    package let use: KeyUse?

    package var lastVend: Date? { use?.last }

    /// - Throws: ``UnreadableKeyError`` when somebody edited them by hand.
    package var terms: KeyRestrictions {
        get throws(UnreadableKeyError) { try storedTerms.read() }
    }

    /// When nothing is vended any more: the key's end, or its researcher's.
    package var end: Date { min(expires, researcherEnds ?? .distantFuture) }

    package enum State: String, Sendable, CaseIterable {
        case active
        case expired
        case revoked
        /// Its researcher is switched off.
        case disabled
        /// Its researcher's stay is over.
        case ended
        case canary
    }

    package func state(at date: Date) -> State {
        if revoked != nil { return .revoked }
        if isCanary { return .canary }
        if expires <= date { return .expired }
        if isResearcherDisabled { return .disabled }
        return end <= date ? .ended : .active
    }
}

/// What a key has been used for, all its life.
package struct KeyUse: Sendable, Equatable {
    package let vends: Int
    package let first: Date
    package let last: Date
    /// The record of the last vend, which may have been pruned.
    package let lastSequence: Int64
    /// When the last of its credentials ends.
    package let liveUntil: Date
}

extension ListedKey {
    private static let sql = """
        SELECT keys.id, keys.researcher, project, label, keys.created_at, expires_at, revoked_at, revoked_reason,
            canary, replaced_by, allowed, models, daily_limit, rate, session_seconds,
            disabled_at IS NOT NULL, ends_at, vends, first_at, last_at, last_sequence, live_until,
            purpose <> 'research'
        FROM keys JOIN researchers ON handle = researcher LEFT JOIN usage_keys ON key_id = keys.id
        """

    /// One key, of a self-test too; nil when there is none.
    static func fetch(_ id: KeyID, _ db: Database) throws -> ListedKey? {
        try Row.fetchOne(db, sql: sql + " WHERE keys.id = ?", arguments: [id.description]).flatMap(ListedKey.init)
    }

    /// All keys of researchers, by researcher and then by age, in one query.
    static func fetchAll(researcher: Handle?, project: String?, _ db: Database) throws -> [ListedKey] {
        let condition = """
             WHERE purpose = 'research' AND (?1 IS NULL OR researcher = ?1) AND (?2 IS NULL OR project = ?2)
            ORDER BY researcher, keys.created_at, keys.id
            """
        let rows = try Row.fetchCursor(db, sql: sql + condition, arguments: [researcher?.description, project])
        var keys: [ListedKey] = []
        while let row = try rows.next() {
            if let key = ListedKey(row) { keys.append(key) }
        }
        return keys
    }

    /// Columns by their place, since lists hold thousands of rows.
    private init?(_ row: Row) {
        guard let id = KeyID(row[0] as String) else { return nil }
        self.id = id
        researcher = row[1]
        project = row[2]
        label = row[3]
        created = Date(milliseconds: row[4])
        expires = Date(milliseconds: row[5])
        revoked = (row[6] as Int64?).map(Date.init(milliseconds:))
        revokedReason = row[7]
        isCanary = row[8]
        replacedBy = (row[9] as String?).flatMap { KeyID($0) }
        storedTerms = StoredRestrictions(
            allowed: row[10],
            models: row[11],
            dailyLimit: row[12],
            rate: row[13],
            sessionSeconds: row[14]
        )
        isResearcherDisabled = row[15]
        researcherEnds = (row[16] as Int64?).map(Date.init(milliseconds:))
        isSelftest = row[22]
        use = (row[17] as Int?).map { vends in
            KeyUse(
                vends: vends,
                first: Date(milliseconds: row[18]),
                last: Date(milliseconds: row[19]),
                lastSequence: row[20],
                liveUntil: Date(milliseconds: row[21])
            )
        }
    }
}

extension Store {
    /// All keys, or a researcher's or a project's, by researcher and then by age.
    package func keys(of researcher: Handle? = nil, project: String? = nil) throws -> [ListedKey] {
        try read { db in try ListedKey.fetchAll(researcher: researcher, project: project, db) }
    }

    package func listedKey(_ id: KeyID) throws -> ListedKey? {
        try read { db in try ListedKey.fetch(id, db) }
    }
}
