package import BursarFoundation
package import BursarModel
import GRDB
import Vending

/// Sessions that servers no longer hand out.
package struct EndedSessions: Sendable, Equatable {
    /// The handle as it is spelled in their row.
    package let researcher: String
    /// Only sessions issued from this moment on are valid.
    package let validFrom: Date
    /// Keys whose sessions go on, if only some keys' sessions were ended.
    package let retained: Set<String>
    /// The latest expiry of the ended sessions; nil if none is live.
    package let liveUntil: Date?
}

/// A researcher's live sessions.
package struct LiveSessions: Sendable, Equatable {
    package let researcher: String
    package let project: String
    /// The number of keys with live sessions.
    package let keys: Int
    package let lastVend: Date
    /// The latest expiry.
    package let liveUntil: Date
    /// Sessions issued before this moment were ended.
    package let validFrom: Date?
}

extension Store {
    /// The time within which two operators count as ending the same sessions, in milliseconds.
    private static let together: Int64 = 60_000

    /// Ends a researcher's sessions, or those of some of their keys, and records it.
    ///
    /// `validFrom` is called while the lock on the database is held, so that every vend on record is older than the
    /// moment it returns. Servers drop the sessions within a second, and issue no new ones until that moment. If only
    /// some keys' sessions are ended, no other session waits: those keys are revoked.
    ///
    /// - Returns: nil if there is no such researcher.
    package func endSessions(
        of handle: Handle,
        keys: [KeyID]? = nil,
        by act: AuditContext,
        validFrom: @Sendable () -> Date
    ) throws -> EndedSessions? {
        try write { db in
            let row = try Row.fetchOne(
                db,
                sql: "SELECT handle, sessions_valid_from FROM researchers WHERE handle = ?",
                arguments: [handle.description]
            )
            guard let row else { return nil }
            let researcher: String = row["handle"]
            let before: Int64? = row["sessions_valid_from"]
            var moment = validFrom().milliseconds
            // Never earlier than another operator's moment for the same; one far ahead is from before a clock was set.
            if keys == nil, let before, (moment...moment + Self.together).contains(before) { moment = before }
            let chosen = keys?.map(\.description)
            let all = try Self.keysInForce(of: researcher, at: act.date, db)
            let retained = chosen.map { all.subtracting($0) } ?? []
            if chosen == nil {
                try db.changeDirectory(
                    "UPDATE researchers SET sessions_valid_from = ? WHERE handle = ?",
                    [moment, researcher]
                )
            }
            let date = Date(milliseconds: moment)
            let liveUntil = try Self.lastEnd(of: researcher, keys: chosen, db)
            try act.record(
                .sessionsEnded,
                researcher: researcher,
                key: chosen?.count == 1 ? chosen?.first : nil,
                detail: "valid from \(Timestamp.string(date))"
                    + (retained.isEmpty ? "" : "; not of \(retained.sorted().joined(separator: " "))"),
                in: db
            )
            return EndedSessions(
                researcher: researcher,
                validFrom: date,
                retained: retained,
                liveUntil: liveUntil.flatMap { $0 > act.date ? $0 : nil }
            )
        }
    }

    /// Records that ended sessions are allowed again, until they expire.
    package func recordSessionsAllowed(_ researcher: String, by act: AuditContext) throws {
        try write { db in try act.record(.sessionsAllowed, researcher: researcher, in: db) }
    }

    /// Records a change that `admin` made in AWS: `iam:DeleteAccessKey AKIA… of payments-bedrock-user`.
    package func recordAWSChange(_ change: String, researcher: String? = nil, by act: AuditContext) throws {
        try write { db in try act.record(.awsChanged, researcher: researcher, detail: change, in: db) }
    }

    /// Returns researchers with live sessions, by handle.
    package func liveSessions(at date: Date) throws -> [LiveSessions] {
        try read { db in
            let sql = """
                SELECT handle, project, sessions_valid_from, count(*) AS keys, max(last_at) AS last_at,
                    max(live_until) AS live_until
                FROM usage_keys JOIN keys ON keys.id = key_id JOIN researchers ON handle = researcher
                WHERE purpose = 'research' AND usage_keys.live_until > ? GROUP BY handle ORDER BY handle
                """
            return try Row.fetchAll(db, sql: sql, arguments: [date.milliseconds]).map { row in
                LiveSessions(
                    researcher: row["handle"],
                    project: row["project"],
                    keys: row["keys"],
                    lastVend: row.date("last_at"),
                    liveUntil: row.date("live_until"),
                    validFrom: row.optionalDate("sessions_valid_from")
                )
            }
        }
    }

    private static func keysInForce(of researcher: String, at date: Date, _ db: Database) throws -> Set<String> {
        try String.fetchSet(
            db,
            sql: """
                SELECT id FROM keys JOIN researchers ON handle = researcher
                WHERE researcher = ? AND \(KeyStatus.sql(KeyStatus.inForce, at: date))
                """,
            arguments: [researcher]
        )
    }

    private static func lastEnd(of researcher: String, keys: [String]?, _ db: Database) throws -> Date? {
        let rows = try Row.fetchAll(
            db,
            sql: "SELECT key_id, live_until FROM usage_keys JOIN keys ON key_id = keys.id WHERE researcher = ?",
            arguments: [researcher]
        )
        return rows.filter { keys?.contains($0["key_id"]) != false }
            .map { $0.date("live_until") }.max()
    }
}
