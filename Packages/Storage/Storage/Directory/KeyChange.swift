package import BursarFoundation
package import BursarModel
package import Vending

/// A change of a key's values; its secret stays.
package struct KeyChange: Sendable, Equatable {
    package var label = FieldUpdate<String>.keep
    /// The project that its use is accounted to from now on; nil keeps the current one.
    package var project: String?
    package var expires: Date?
    package var allowed = FieldUpdate<AddressList>.keep
    package var models = FieldUpdate<ModelList>.keep
    package var dailyLimit = FieldUpdate<Int>.keep
    package var rate = FieldUpdate<RequestRate>.keep
    package var sessionDuration = FieldUpdate<SessionDuration>.keep

    package init() {}

    package func applied(to terms: KeyRestrictions) -> KeyRestrictions {
        KeyRestrictions(
            allowed: allowed.applied(to: terms.allowed),
            models: models.applied(to: terms.models),
            dailyLimit: dailyLimit.applied(to: terms.dailyLimit),
            rate: rate.applied(to: terms.rate),
            sessionDuration: sessionDuration.applied(to: terms.sessionDuration)
        )
    }

    /// The summary in the record, without the label's text and the project's name, which may name a person.
    package var summary: String {
        let parts = [
            label.summary("label") { _ in nil }, project.map { _ in "project" },
            expires.map { "expires \(Timestamp.string($0))" },
            allowed.summary("ip") { $0.description }, models.summary("models") { $0.description },
            dailyLimit.summary("daily-limit") { String($0) }, rate.summary("rate") { String($0.perSecond) },
            sessionDuration.summary("session") { "\($0.seconds)s" },
        ]
        return parts.compactMap(\.self).joined(separator: "; ")
    }
}

extension FieldUpdate {
    fileprivate func summary(_ name: String, _ text: (Value) -> String?) -> String? {
        switch self {
        case .keep: nil
        case .set(let value): text(value).map { "\(name) \($0)" } ?? name
        case .clear: "no \(name)"
        }
    }
}

extension Administration {
    /// Changes a key and records the change; running servers follow within a second.
    ///
    /// `check` receives the current key and its future terms inside the transaction; if it throws, the key stays as it
    /// was.
    ///
    /// - Returns: the researcher's handle; nil if there is no such key.
    package func update(
        _ id: KeyID,
        _ change: KeyChange,
        by act: AuditContext,
        check: @Sendable (_ key: StoredKey, _ terms: KeyRestrictions) throws -> Void
    ) throws -> String? {
        try database.write { db in
            guard let key = try StoredKey.fetch(id, db) else { return nil }
            let terms = change.applied(to: try key.terms)
            try check(key, terms)
            let writer = DirectoryWriter(db, by: act)
            if let project = change.project { try writer.move(id, from: key.project, to: project) }
            try writer.change(
                """
                UPDATE keys SET label = ?, expires_at = ?, allowed = ?, models = ?, daily_limit = ?, rate = ?,
                    session_seconds = ? WHERE id = ?
                """,
                [
                    change.label.applied(to: key.label), change.expires ?? key.expires,
                    terms.allowed?.description, terms.models?.description, terms.dailyLimit, terms.rate?.perSecond,
                    terms.sessionDuration?.seconds, id.description,
                ]
            )
            try act.record(
                .keyUpdated,
                researcher: key.researcher,
                key: id.description,
                expires: change.expires ?? key.expires,
                detail: change.summary,
                in: db
            )
            return key.researcher
        }
    }

    /// Stores `new` with the terms of the key `old`, which expires after `overlap`, and records both.
    ///
    /// `check` receives the old key inside the transaction and returns the new key's expiry; if it throws, nothing
    /// changes.
    ///
    /// - Returns: the old key as it was, and the two expiries; nil if there is no such key.
    package func rotate(
        _ old: KeyID,
        to new: KeyID,
        hash: PasswordHash,
        overlap: TimeInterval,
        by act: AuditContext,
        check: @Sendable (_ key: StoredKey) throws -> Date
    ) throws -> Rotation? {
        try database.write { db in
            guard let key = try StoredKey.fetch(old, db), let researcher = Handle(key.researcher) else { return nil }
            let expires = try check(key)
            let replacement = NewKey(
                id: new,
                hash: hash,
                researcher: researcher,
                project: key.project,
                label: key.label,
                expires: expires,
                terms: try key.terms
            )
            _ = try replacement.insert(db, by: act)
            // Never later than its expiry so far, and after its issue, as the schema requires.
            let end = max(min(key.expires, act.date.addingTimeInterval(overlap)), key.created.addingTimeInterval(0.001))
            try DirectoryWriter(db, by: act).change(
                "UPDATE keys SET expires_at = ?, replaced_by = ? WHERE id = ?",
                [end, new.description, old.description]
            )
            let detail = "replaced by \(new); expires \(Timestamp.string(end))"
            try act.record(
                .keyUpdated,
                researcher: key.researcher,
                key: old.description,
                expires: end,
                detail: detail,
                in: db
            )
            return Rotation(old: key, oldEnds: end, newEnds: expires)
        }
    }
}

/// The result of a rotation.
package struct Rotation: Sendable {
    package let old: StoredKey
    package let oldEnds: Date
    package let newEnds: Date
}

/// An update of a value that may be absent.
package enum FieldUpdate<Value: Sendable & Equatable>: Sendable, Equatable {
    case keep
    case set(Value)
    case clear

    /// Sets `value`; nil keeps the current one.
    package init(_ value: Value?) {
        self = value.map { .set($0) } ?? .keep
    }

    package func applied(to value: Value?) -> Value? {
        switch self {
        case .keep: value
        case .set(let new): new
        case .clear: nil
        }
    }
}
