package import BursarFoundation
package import BursarModel
package import Vending

/// A key with its researcher's state and its last use: a row of `keys`, `researchers` and `usage_keys` together.
package struct StoredKey: Sendable {
    package let id: KeyID
    /// The handle as it is spelled in the researcher's row.
    package let researcher: String
    /// The project that its use is accounted to now.
    package let project: String
    package let label: String?
    package let created: Date
    package let expires: Date
    package let revoked: Date?
    package let revokedReason: String?
    package let isCanary: Bool
    /// True if another researcher's handle is `HANDLE+KEYID` of this key.
    package let hasNamesake: Bool
    package let replacedBy: KeyID?
    let hash: String
    let storedTerms: StoredRestrictions
    let version: Int64
    /// The time at which the researcher was disabled.
    package let researcherDisabled: Date?
    /// The end of the researcher's stay.
    package let researcherEnds: Date?
    let sessionsValidFrom: Date?
    /// True for a key of `admin selftest`, whose researcher is in no report.
    package let isSelftest: Bool
    /// nil if it was never used.
    package let use: KeyUse?

    package var lastVend: Date? { use?.last }
    package var isResearcherDisabled: Bool { researcherDisabled != nil }

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

    /// The key as the server decides on it.
    ///
    /// - Throws: ``UnreadableKeyError`` if a value was edited by hand and makes no sense.
    package func record() throws(UnreadableKeyError) -> KeyRecord {
        guard let handle = Handle(researcher), let hash = PasswordHash(phc: hash) else { throw UnreadableKeyError() }
        return KeyRecord(
            id: id,
            owner: ResearcherStatus(
                handle: handle,
                disabled: researcherDisabled,
                ends: researcherEnds,
                sessionsValidFrom: sessionsValidFrom,
                isSelftest: isSelftest
            ),
            project: project,
            hash: hash,
            expires: expires,
            revoked: revoked,
            terms: try storedTerms.read(),
            isCanary: isCanary,
            hasNamesake: hasNamesake,
            version: version
        )
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

/// A key's restrictions as its row holds them, not yet parsed.
struct StoredRestrictions: Sendable, Equatable {
    let allowed: String?
    let models: String?
    let dailyLimit: Int?
    let rate: Int?
    let sessionSeconds: Int?

    /// Reads a row of `keys`.
    init(_ row: ResultRow) throws {
        allowed = try row["allowed"]
        models = try row["models"]
        dailyLimit = try row["daily_limit"]
        rate = try row["rate"]
        sessionSeconds = try row["session_seconds"]
    }

    /// Parses the restrictions.
    ///
    /// A restriction that can't be parsed must not count as none, so it makes the whole key unreadable.
    func read() throws(UnreadableKeyError) -> KeyRestrictions {
        KeyRestrictions(
            allowed: try Self.read(allowed) { try? AddressList(parsing: $0) },
            models: try Self.read(models) { ModelList($0) },
            dailyLimit: dailyLimit,
            rate: try Self.read(rate) { RequestRate(perSecond: $0) },
            sessionDuration: try Self.read(sessionSeconds) { SessionDuration(seconds: $0) }
        )
    }

    private static func read<Stored, Value>(
        _ stored: Stored?,
        _ parse: (Stored) -> Value?
    ) throws(UnreadableKeyError) -> Value? {
        guard let stored else { return nil }
        guard let value = parse(stored) else { throw UnreadableKeyError() }
        return value
    }
}

// MARK: Queries

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

extension StoredKey {
    private static let sql = """
        SELECT keys.id, keys.researcher, keys.project, label, hash, keys.created_at, expires_at, revoked_at,
            revoked_reason, canary, replaced_by, allowed, models, daily_limit, rate, session_seconds, version,
            disabled_at, ends_at, sessions_valid_from, purpose, vends, first_at, last_at, last_sequence, live_until,
            (SELECT count(*) FROM researchers AS other WHERE other.folded = researchers.folded || '+' || keys.id)
                AS namesakes
        FROM keys JOIN researchers ON handle = researcher LEFT JOIN usage_keys ON key_id = keys.id
        """

    /// Returns one key, even of a self-test; nil if there is none.
    static func fetch(_ id: KeyID, _ db: any Transaction) throws -> StoredKey? {
        try db.map(sql + " WHERE keys.id = ?", [id.description], StoredKey.init).first ?? nil
    }

    /// Returns all keys, of self-tests too, by researcher and then by age, in one query.
    static func all(of researcher: Handle? = nil, project: String? = nil, _ db: any Transaction) throws -> [StoredKey] {
        let conditions = [
            researcher.map { _ in "folded = ?" }, project.map { _ in "keys.project = ?" },
        ].compactMap(\.self)
        let filter = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
        let arguments = SQLArguments([researcher?.folded, project].compactMap(\.self))
        return try db.map(sql + filter + " ORDER BY folded, keys.created_at, keys.id", arguments, StoredKey.init)
            .compactMap(\.self)
    }

    /// Reads a row; nil if its id isn't well-formed, so that no caller could present it.
    private init?(_ row: ResultRow) throws {
        guard let id = KeyID(try row["id"] as String) else { return nil }
        self.id = id
        researcher = try row["researcher"]
        project = try row["project"]
        label = try row["label"]
        created = try row["created_at"]
        expires = try row["expires_at"]
        revoked = try row["revoked_at"]
        revokedReason = try row["revoked_reason"]
        isCanary = try row["canary"]
        hasNamesake = try row["namesakes"]
        replacedBy = (try row["replaced_by"] as String?).flatMap { KeyID($0) }
        hash = try row["hash"]
        storedTerms = try StoredRestrictions(row)
        version = try row["version"]
        researcherDisabled = try row["disabled_at"]
        researcherEnds = try row["ends_at"]
        sessionsValidFrom = try row["sessions_valid_from"]
        isSelftest = try row["purpose"] as String != "research"
        use = try (row["vends"] as Int?).map { vends in
            KeyUse(
                vends: vends,
                first: try row["first_at"],
                last: try row["last_at"],
                lastSequence: try row["last_sequence"],
                liveUntil: try row["live_until"]
            )
        }
    }
}
