package import BursarFoundation

/// The operator (as reported by the operating system) and time of one `admin` invocation.
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
    /// Appends an action to the chain, inside the transaction that performs it.
    ///
    /// `detail` stays on record for good, so it must hold no secret and no person's name.
    package func record(
        _ kind: RecordEntry.Kind,
        researcher: String? = nil,
        key: String? = nil,
        expires: Date? = nil,
        detail: String? = nil,
        in db: any Transaction
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
