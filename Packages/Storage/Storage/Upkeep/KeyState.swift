import GRDB

/// A key with everything that decides what it allows, to be compared with the same key of another database.
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

    /// Of all keys, in the order in which lists have them.
    static func all(_ db: Database) throws -> [KeyState] {
        let sql = "SELECT * FROM keys JOIN researchers ON handle = researcher ORDER BY researcher, keys.created_at"
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

    /// Whether credentials can be had with it.
    ///
    /// A canary never has any, and is to go on giving the alarm.
    func isActive(at now: Int64) -> Bool {
        revoked == nil && expires > now && disabled == nil && ends.map { $0 > now } != false && !isCanary
    }

    /// Whether somebody may hold it: one that was made for a test is given to nobody.
    func isHeld(at now: Int64) -> Bool { revoked == nil && expires > now && isResearch }

    /// Why it isn't known to be right that it works; nil when the other database has it just so.
    ///
    /// `known` are that database's keys, nil when there is none.
    func doubt(comparedWith known: [String: KeyState]?) -> RestoredKey.RestoreWarning? {
        guard let known else { return .notCompared }
        guard let present = known[id] else { return .missing }
        return present.terms == terms ? nil : .changed
    }
}
