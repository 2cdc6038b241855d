package import BursarFoundation
package import BursarModel
import Vending

/// A change of a researcher's values; the handle stays.
package struct ResearcherChange: Sendable, Equatable {
    package var name: String?
    package var email: String?
    /// The project of their new keys; their keys stay as they are, unless ``movesKeys`` is set.
    package var project: String?
    /// True if their working keys get the new project too.
    package var movesKeys = false
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

/// A researcher that was changed.
package struct UpdatedResearcher: Sendable, Equatable {
    /// As it is spelled in their row.
    package let handle: String
    /// Keys that have got the researcher's new project.
    package let movedKeys: [KeyID]
    /// The number of working keys that are of another project than the new one.
    package let otherKeys: Int
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
    /// - Returns: nil if there is no such researcher.
    package func update(
        _ handle: Handle,
        _ change: ResearcherChange,
        by act: AuditContext
    ) throws -> UpdatedResearcher? {
        try database.write { db in
            guard let found = try StoredResearcher.fetch(handle, at: act.date, db)?.researcher else { return nil }
            let (writer, spelled) = (DirectoryWriter(db, by: act), found.handle.description)
            if let project = change.project { try writer.move(spelled, from: found.project, to: project) }
            try writer.change(
                """
                UPDATE researchers SET name = ?, email = ?, sponsor = ?, note = ?, ends_at = ? WHERE handle = ?
                """,
                [
                    change.name ?? found.name, change.email ?? found.email, change.sponsor.applied(to: found.sponsor),
                    change.note.applied(to: found.note), change.ends.applied(to: found.ends), spelled,
                ]
            )
            try act.record(.researcherUpdated, researcher: spelled, detail: change.summary, in: db)
            guard let project = change.project else {
                return UpdatedResearcher(handle: spelled, movedKeys: [], otherKeys: 0)
            }
            let others = try StoredKey.all(of: handle, db).filter {
                $0.project != project && $0.isInForce(at: act.date)
            }
            guard change.movesKeys else {
                return UpdatedResearcher(handle: spelled, movedKeys: [], otherKeys: others.count)
            }
            for key in others { try Self.move(key, to: project, writer, by: act, db) }
            return UpdatedResearcher(handle: spelled, movedKeys: others.map(\.id), otherKeys: 0)
        }
    }

    private static func move(
        _ key: StoredKey,
        to project: String,
        _ writer: DirectoryWriter,
        by act: AuditContext,
        _ db: any Transaction
    ) throws {
        try writer.move(key.id, from: key.project, to: project)
        try act.record(
            .keyUpdated,
            researcher: key.researcher,
            key: key.id.description,
            expires: key.expires,
            detail: "project",
            in: db
        )
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
