package import BursarFoundation
import GRDB

/// One run of `admin`: who is behind it, as far as their machine says, and when.
package struct AuditContext: Sendable, Equatable {
    /// `user@host`, for the record.
    package let actor: String
    package let date: Date

    package init(actor: String, date: Date) {
        self.actor = actor
        self.date = date
    }
}

extension AuditContext {
    /// Appends what was done to the chain; to be called in the transaction that does it.
    ///
    /// `detail` is on record for good: no secrets in it, and nobody's name.
    func record(
        _ kind: RecordEntry.Kind,
        researcher: String? = nil,
        key: String? = nil,
        expires: Date? = nil,
        detail: String? = nil,
        in db: Database
    ) throws {
        var chain = try Chain.current(db)
        let entry = RecordEntry(
            kind: kind,
            occurred: date.milliseconds,
            researcher: researcher,
            keyID: key,
            expires: expires?.milliseconds,
            actor: actor,
            detail: detail
        )
        try chain.append(entry, to: db)
    }
}
