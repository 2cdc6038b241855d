package import BursarFoundation
package import BursarModel
import GRDB
package import Vending

/// A key as shown in lists, with its researcher's state and its last use.
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
    /// True for a key of `admin selftest`, whose researcher is in no report.
    package let isSelftest: Bool
    /// The end of the researcher's stay.
    package let researcherEnds: Date?
    /// nil if it was never used.
    package let use: KeyUse?

    package var lastVend: Date? { use?.last }

    /// - Throws: ``UnreadableKeyError`` if they were edited by hand and make no sense.
    package var terms: KeyRestrictions {
        get throws(UnreadableKeyError) { try storedTerms.read() }
    }

    /// The moment from which on nothing is vended: the key's expiry, or the end of its researcher's stay.
    package var end: Date { min(expires, researcherEnds ?? .distantFuture) }

    package func status(at date: Date) -> KeyStatus {
        KeyStatus(
            isRevoked: revoked != nil,
            isCanary: isCanary,
            expires: expires,
            isResearcherDisabled: isResearcherDisabled,
            researcherEnds: researcherEnds,
            at: date
        )
    }
}

extension KeyStatus {
    /// The status at `date` as SQL, over `keys` joined with `researchers`: the text of ``rawValue``.
    ///
    /// The date is written into the text as a number, so that the expression fits beside any kind of argument. A test
    /// compares it with ``init(isRevoked:isCanary:expires:isResearcherDisabled:researcherEnds:at:)`` in all combinations.
    static func sql(at date: Date) -> String {
        """
        CASE WHEN keys.revoked_at IS NOT NULL THEN 'revoked' WHEN keys.canary <> 0 THEN 'canary'
            WHEN keys.expires_at <= \(date.milliseconds) THEN 'expired'
            WHEN researchers.disabled_at IS NOT NULL THEN 'disabled'
            WHEN researchers.ends_at <= \(date.milliseconds) THEN 'ended' ELSE 'active' END
        """
    }

    /// The condition that a key has one of `statuses` at `date`, as SQL over the same tables.
    static func sql(_ statuses: Set<KeyStatus>, at date: Date) -> String {
        let names = statuses.map { "'\($0.rawValue)'" }.sorted().joined(separator: ", ")
        return "(\(sql(at: date))) IN (\(names))"
    }
}

/// The use of a key since its issue.
package struct KeyUse: Sendable, Equatable {
    package let vends: Int
    package let first: Date
    package let last: Date
    /// The sequence number of the last vend's record, which may have been pruned.
    package let lastSequence: Int64
    /// The latest expiry of its credentials.
    package let liveUntil: Date
}

extension ListedKey {
    private static let sql = """
        SELECT keys.id, keys.researcher, project, label, keys.created_at, expires_at, revoked_at, revoked_reason,
            canary, replaced_by, allowed, models, daily_limit, rate, session_seconds,
            disabled_at IS NOT NULL AS researcher_disabled, ends_at, vends, first_at, last_at, last_sequence,
            live_until, purpose <> 'research' AS selftest
        FROM keys JOIN researchers ON handle = researcher LEFT JOIN usage_keys ON key_id = keys.id
        """

    /// Returns one key, even of a self-test; nil if there is none.
    static func fetch(_ id: KeyID, _ db: Database) throws -> ListedKey? {
        try Row.fetchOne(db, sql: sql + " WHERE keys.id = ?", arguments: [id.description]).flatMap(ListedKey.init)
    }

    /// Returns all keys of researchers, by researcher and then by age, in one query.
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

    private init?(_ row: Row) {
        guard let id = KeyID(row["id"] as String) else { return nil }
        self.id = id
        researcher = row["researcher"]
        project = row["project"]
        label = row["label"]
        created = row.date("created_at")
        expires = row.date("expires_at")
        revoked = row.optionalDate("revoked_at")
        revokedReason = row["revoked_reason"]
        isCanary = row["canary"]
        replacedBy = (row["replaced_by"] as String?).flatMap { KeyID($0) }
        storedTerms = StoredRestrictions(row)
        isResearcherDisabled = row["researcher_disabled"]
        researcherEnds = row.optionalDate("ends_at")
        isSelftest = row["selftest"]
        use = (row["vends"] as Int?).map { vends in
            KeyUse(
                vends: vends,
                first: row.date("first_at"),
                last: row.date("last_at"),
                lastSequence: row["last_sequence"],
                liveUntil: row.date("live_until")
            )
        }
    }
}

extension Store {
    /// All keys, or a researcher's or a project's, by researcher and then by age.
    package func keys(of researcher: Handle? = nil, project: String? = nil) throws -> [ListedKey] {
        try read { db in try ListedKey.fetchAll(researcher: researcher, project: project, db) }
    }

    /// Returns one key, even of a self-test; nil if there is none.
    package func listedKey(_ id: KeyID) throws -> ListedKey? {
        try read { db in try ListedKey.fetch(id, db) }
    }

    /// Returns at most `limit` ids that begin with `prefix`, with their researchers.
    package func keyIDs(beginningWith prefix: String, limit: Int) throws -> [(id: KeyID, researcher: String)] {
        try read { db in
            let sql = "SELECT id, researcher FROM keys WHERE id >= ? AND id < ? ORDER BY id LIMIT ?"
            return try Row.fetchAll(db, sql: sql, arguments: [prefix, prefix + "\u{7F}", limit]).compactMap { row in
                KeyID(row["id"] as String).map { ($0, row["researcher"]) }
            }
        }
    }
}
