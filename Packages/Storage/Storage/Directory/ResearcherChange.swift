package import BursarFoundation
package import BursarModel
import Vending

/// A change of a researcher's values; the handle stays.
package struct ResearcherChange: Sendable, Equatable {
    package var name: String?
    package var email: String?
    package var project: String?
    package var sponsor = FieldUpdate<String>.keep
    package var note = FieldUpdate<String>.keep
    package var ends = FieldUpdate<Date>.keep

    package init() {}

    /// The summary in the record: the names of the changed fields, never people's names.
    package var summary: String {
        let end: String? =
            switch ends {
            case .keep: nil
            case .set(let date): "ends \(Timestamp.string(date))"
            case .clear: "no end"
            }
        let parts = [
            name.map { _ in "name" }, email.map { _ in "email" }, project.map { _ in "project" },
            sponsor == .keep ? nil : "sponsor", note == .keep ? nil : "note", end,
        ]
        return parts.compactMap(\.self).joined(separator: "; ")
    }
}

/// The result of disabling or enabling a researcher.
package enum DisableResult: Sendable, Equatable {
    /// `liveUntil` is the latest expiry of their credentials; nil if none is live.
    case done(researcher: String, liveUntil: Date?)
    case unchanged(researcher: String)
    case unknown
}

extension Administration {
    /// Changes a researcher and records which fields; running servers follow within a second.
    ///
    /// - Returns: the handle as it is spelled in their row; nil if there is no such researcher.
    package func update(_ handle: Handle, _ change: ResearcherChange, by act: AuditContext) throws -> String? {
        try database.write { db in
            guard let found = try StoredResearcher.fetch(handle, at: act.date, db)?.researcher else { return nil }
            try DirectoryWriter(db, by: act).change(
                """
                UPDATE researchers SET name = ?, email = ?, project = ?, sponsor = ?, note = ?, ends_at = ?
                WHERE handle = ?
                """,
                [
                    change.name ?? found.name, change.email ?? found.email, change.project ?? found.project,
                    change.sponsor.applied(to: found.sponsor), change.note.applied(to: found.note),
                    change.ends.applied(to: found.ends), found.handle.description,
                ]
            )
            let spelled = found.handle.description
            try act.record(.researcherUpdated, researcher: spelled, detail: change.summary, in: db)
            return spelled
        }
    }

    /// Disables a researcher with all their keys and records it; the reason is kept in their row only.
    package func disable(_ handle: Handle, reason: String?, by act: AuditContext) throws -> DisableResult {
        try database.write { db in
            try Self.setDisabled(handle, to: act.date, reason: reason, act, db)
        }
    }

    /// Enables researchers again and records each, in one transaction.
    ///
    /// - Returns: the result for each, in their order.
    package func enable(_ handles: [Handle], by act: AuditContext) throws -> [DisableResult] {
        try database.write { db in
            try handles.map { try Self.setDisabled($0, to: nil, reason: nil, act, db) }
        }
    }

    private static func setDisabled(
        _ handle: Handle,
        to date: Date?,
        reason: String?,
        _ act: AuditContext,
        _ db: any Transaction
    ) throws -> DisableResult {
        guard let found = try StoredResearcher.fetch(handle, at: act.date, db) else { return .unknown }
        let spelled = found.researcher.handle.description
        guard (found.disabled == nil) != (date == nil) else { return .unchanged(researcher: spelled) }
        try DirectoryWriter(db, by: act).setDisabled(spelled, at: date, reason: reason)
        let liveUntil: Date? = try db.value(
            "SELECT max(live_until) AS value FROM usage_keys JOIN keys ON key_id = keys.id WHERE researcher = ?",
            [spelled]
        )
        return .done(researcher: spelled, liveUntil: liveUntil.flatMap { $0 > act.date ? $0 : nil })
    }
}
