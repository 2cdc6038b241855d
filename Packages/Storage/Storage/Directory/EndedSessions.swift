package import BursarFoundation
package import BursarModel
import Vending

/// Sessions that servers no longer hand out.
package struct EndedSessions: Sendable, Equatable {
    /// The handle as it is spelled in their row.
    package let researcher: String
    /// Only sessions issued from this moment on are valid.
    package let validFrom: Date
    /// Keys whose sessions were ended, and which vended so lately that one may be alive; all whose sessions were to end, if
    /// none of them did.
    package let keys: Set<KeyID>
    /// Keys whose sessions go on, if only some keys' sessions were ended.
    package let retained: Set<String>
    /// The latest expiry of the ended sessions; nil if none is live.
    package let liveUntil: Date?
}

/// A researcher's live sessions.
package struct LiveSessions: Sendable, Equatable {
    package let researcher: String
    /// The projects of the keys with live sessions, in order.
    package private(set) var projects: [String]
    /// The number of keys with live sessions.
    package private(set) var keys: Int
    package private(set) var lastVend: Date
    /// The latest expiry.
    package private(set) var liveUntil: Date
    /// Sessions issued before this moment were ended.
    package let validFrom: Date?
}

extension Administration {
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
        keys chosen: [KeyID]? = nil,
        by act: AuditContext,
        validFrom: @Sendable () -> Date
    ) throws -> EndedSessions? {
        try database.write { db in
            guard let researcher = try handle.spelled(db) else { return nil }
            let keys = try StoredKey.all(of: handle, db)
            let ended = keys.filter { chosen?.contains($0.id) != false }
            let retained = keys.filter { chosen?.contains($0.id) == false && $0.isInForce(at: act.date) }
            let date = try self.moment(of: researcher, isOfAll: chosen == nil, validFrom(), by: act, db)
            let names = Set(retained.map(\.id.description))
            try act.record(
                .sessionsEnded,
                researcher: researcher,
                key: chosen?.count == 1 ? chosen?.first?.description : nil,
                detail: "valid from \(Timestamp.string(date))"
                    + (names.isEmpty ? "" : "; not of \(names.sorted().joined(separator: " "))"),
                in: db
            )
            let live = ended.filter { $0.mayHaveSession(at: act.date) }
            let liveUntil = ended.compactMap { $0.use?.liveUntil }.max()
            return EndedSessions(
                researcher: researcher,
                validFrom: date,
                keys: Set((live.isEmpty && chosen != nil ? ended : live).map(\.id)),
                retained: names,
                liveUntil: liveUntil.flatMap { $0 > act.date ? $0 : nil }
            )
        }
    }

    /// Stores the moment from which on a researcher's sessions are valid, if all of them are ended.
    ///
    /// It is never earlier than another operator's moment for the same; one far ahead is from before a clock was set.
    private func moment(
        of researcher: String,
        isOfAll: Bool,
        _ date: Date,
        by act: AuditContext,
        _ db: any Transaction
    ) throws -> Date {
        var moment = date.milliseconds
        guard isOfAll else { return Date(milliseconds: moment) }
        let before: Int64? = try db.value(
            "SELECT sessions_valid_from AS value FROM researchers WHERE handle = ?",
            [researcher]
        )
        if let before, (moment...moment + Self.together).contains(before) { moment = before }
        try DirectoryWriter(db, by: act).change(
            "UPDATE researchers SET sessions_valid_from = ? WHERE handle = ?",
            [moment, researcher]
        )
        return Date(milliseconds: moment)
    }

    /// Records that ended sessions are allowed again, until they expire.
    package func recordSessionsAllowed(_ researcher: String, by act: AuditContext) throws {
        try database.write { db in try act.record(.sessionsAllowed, researcher: researcher, in: db) }
    }

    /// Records a change that `admin` made in AWS: `iam:DeleteAccessKey AKIA… of payments-bedrock-user`.
    package func recordAWSChange(_ change: String, researcher: String? = nil, by act: AuditContext) throws {
        try database.write { db in try act.record(.awsChanged, researcher: researcher, detail: change, in: db) }
    }
}

extension Lists {
    /// Returns researchers with live sessions, by handle.
    package func liveSessions(at date: Date) throws -> [LiveSessions] {
        try database.read { db in
            let rows: [LiveSessions] = try db.all(
                """
                SELECT handle, keys.project, sessions_valid_from, count(*) AS keys, max(last_at) AS last_at,
                    max(live_until) AS live_until
                FROM usage_keys JOIN keys ON keys.id = key_id JOIN researchers ON handle = researcher
                WHERE purpose = 'research' AND usage_keys.live_until > ? GROUP BY handle, keys.project
                ORDER BY folded, keys.project
                """,
                [date]
            )
            return rows.reduce(into: []) { sessions, row in
                guard let last = sessions.indices.last, sessions[last].researcher == row.researcher else {
                    return sessions.append(row)
                }
                sessions[last].add(row)
            }
        }
    }
}

extension LiveSessions {
    /// Adds those of another project.
    fileprivate mutating func add(_ other: LiveSessions) {
        projects += other.projects
        keys += other.keys
        lastVend = max(lastVend, other.lastVend)
        liveUntil = max(liveUntil, other.liveUntil)
    }
}

extension LiveSessions: RowDecodable {
    package init(_ row: ResultRow) throws {
        researcher = try row["handle"]
        projects = [try row["project"]]
        keys = try row["keys"]
        lastVend = try row["last_at"]
        liveUntil = try row["live_until"]
        validFrom = try row["sessions_valid_from"]
    }
}

extension StoredKey {
    /// The time after a vend by which its session is over, whatever the clocks say: the longest of AWS's, and 15 minutes.
    private static let longestSession = TimeInterval(SessionDuration.longest.seconds + 900)

    /// True if the key vended so lately that its session may be alive.
    package func mayHaveSession(at date: Date) -> Bool {
        use.map { $0.last > date.addingTimeInterval(-Self.longestSession) } ?? false
    }

    /// True if it works as soon as its researcher may use it.
    func isInForce(at date: Date) -> Bool { KeyStatus.inForce.contains(status(at: date)) }
}
