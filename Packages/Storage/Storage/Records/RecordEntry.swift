import GRDB

/// What happened, as the chain holds it.
///
/// Handles, key ids and addresses only: names and secrets have no field.
struct RecordEntry: Sendable {
    enum Kind: String, Sendable, CaseIterable {
        case vend
        case refusal
        /// Somebody presented a canary, and was refused.
        case canaryUsed = "canary_used"
        case researcherAdded = "researcher_added"
        case researcherUpdated = "researcher_updated"
        case researcherDisabled = "researcher_disabled"
        case researcherEnabled = "researcher_enabled"
        case keyIssued = "key_issued"
        case keyUpdated = "key_updated"
        case keyRevoked = "key_revoked"
        case sessionsEnded = "sessions_ended"
        case sessionsAllowed = "sessions_allowed"
        /// Something in AWS, by whoever had the rights there.
        case awsChanged = "aws_changed"
        case recordsExported = "records_exported"
        case recordsPruned = "records_pruned"
        case databaseBackedUp = "database_backed_up"
        case databaseRestored = "database_restored"
        case vendingPaused = "vending_paused"
        case vendingResumed = "vending_resumed"
    }

    /// What of a record is hashed: the chain's version byte.
    enum Format: UInt8, Sendable {
        case plain = 1
        case reasoned = 2
    }

    var format = Format.reasoned
    let kind: Kind
    /// UTC milliseconds.
    let occurred: Int64
    var researcher: String?
    var keyID: String?
    var address: String?
    var accessKeyID: String?
    /// UTC milliseconds: when the vended credentials or the key end.
    var expires: Int64?
    var requestID: String?
    /// The code of a refusal.
    var reason: String?
    /// Who did it, as far as the operator's machine says.
    var actor: String?
    /// What was done or handed out, where `kind` doesn't say it all.
    var detail: String?
}

extension RecordEntry {
    /// A stored record, to be hashed again; nil when its kind or format is none of ours.
    init?(_ row: Row) {
        guard let kind = Kind(rawValue: row["kind"]),
            let format = UInt8(exactly: row["format"] as Int64).flatMap({ Format(rawValue: $0) })
        else { return nil }
        self.init(
            format: format,
            kind: kind,
            occurred: row["occurred_at"],
            researcher: row["researcher"],
            keyID: row["key_id"],
            address: row["address"],
            accessKeyID: row["access_key_id"],
            expires: row["expires_at"],
            requestID: row["request_id"],
            reason: row["reason"],
            actor: row["actor"],
            detail: row["detail"]
        )
    }
}
