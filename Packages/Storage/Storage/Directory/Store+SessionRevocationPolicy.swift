package import BursarFoundation
package import BursarModel
import GRDB

/// Sessions that servers hand out no more.
package struct EndedSessions: Sendable, Equatable {
    /// The handle as it is spelled in their row.
    package let researcher: String
    /// Only sessions that are issued from then on are good.
    package let validFrom: Date
    /// Keys whose sessions were not meant, where only some keys' were.
    package let retained: Set<String>
    /// When the last of those that were meant would end by itself; nil when none lives.
    package let liveUntil: Date?
}

/// Whose sessions live.
package struct LiveSessions: Sendable, Equatable {
    package let researcher: String
    package let project: String
    /// Keys with sessions that live.
    package let keys: Int
    package let lastVend: Date
    /// When the last of them ends.
    package let liveUntil: Date
    /// Sessions issued before were ended.
    package let validFrom: Date?
}

extension Store {
    /// How far apart two operators are who end the same sessions, in milliseconds.
    private static let together: Int64 = 60_000

    /// Makes a researcher's sessions void, or those of some keys of theirs, and records it.
    ///
    /// `validFrom` is asked while the lock on the database is held, so that every vend on record is older than what it
    /// goes by. Servers drop the sessions within a second, and issue no others until that moment has come. Where only
    /// some keys' sessions are meant, nothing is held up: those keys are revoked.
    ///
    /// - Returns: nil when there is no such researcher.
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
            // Not back, while another operator is at the same; one that is far ahead is from before a clock was set.
            if keys == nil, let before, (moment...moment + Self.together).contains(before) { moment = before }
            let meant = keys?.map(\.description)
            let all = try Self.openKeys(of: researcher, at: act.date, db)
            let retained = meant.map { all.subtracting($0) } ?? []
            if meant == nil {
                try db.changeDirectory(
                    "UPDATE researchers SET sessions_valid_from = ? WHERE handle = ?",
                    [moment, researcher]
                )
            }
            let date = Date(milliseconds: moment)
            let liveUntil = try Self.lastEnd(of: researcher, keys: meant, db)
            try act.record(
                .sessionsEnded,
                researcher: researcher,
                key: meant?.count == 1 ? meant?.first : nil,
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

    /// Records that ended sessions are let go on, as far as they still live.
    package func recordSessionsAllowed(_ researcher: String, by act: AuditContext) throws {
        try write { db in try act.record(.sessionsAllowed, researcher: researcher, in: db) }
    }

    /// Records what `admin` has changed in AWS: `iam:DeleteAccessKey AKIA… of payments-bedrock-user`.
    package func recordAWSChange(_ change: String, researcher: String? = nil, by act: AuditContext) throws {
        try write { db in try act.record(.awsChanged, researcher: researcher, detail: change, in: db) }
    }

    /// Researchers with sessions that live, by handle.
    package func liveSessions(at date: Date) throws -> [LiveSessions] {
        try read { db in
            let sql = """
                SELECT handle, project, sessions_valid_from, count(*), max(last_at), max(live_until)
                FROM usage_keys JOIN keys ON keys.id = key_id JOIN researchers ON handle = researcher
                WHERE purpose = 'research' AND live_until > ? GROUP BY handle ORDER BY handle
                """
            return try Row.fetchAll(db, sql: sql, arguments: [date.milliseconds]).map { row in
                LiveSessions(
                    researcher: row[0],
                    project: row[1],
                    keys: row[3],
                    lastVend: Date(milliseconds: row[4]),
                    liveUntil: Date(milliseconds: row[5]),
                    validFrom: (row[2] as Int64?).map(Date.init(milliseconds:))
                )
            }
        }
    }

    private static func openKeys(of researcher: String, at date: Date, _ db: Database) throws -> Set<String> {
        try String.fetchSet(
            db,
            sql: "SELECT id FROM keys WHERE researcher = ? AND revoked_at IS NULL AND expires_at > ? AND canary = 0",
            arguments: [researcher, date.milliseconds]
        )
    }

    private static func lastEnd(of researcher: String, keys: [String]?, _ db: Database) throws -> Date? {
        let rows = try Row.fetchAll(
            db,
            sql: "SELECT key_id, live_until FROM usage_keys JOIN keys ON key_id = keys.id WHERE researcher = ?",
            arguments: [researcher]
        )
        return rows.filter { keys?.contains($0["key_id"]) != false }
            .map { Date(milliseconds: $0["live_until"]) }.max()
    }
}
