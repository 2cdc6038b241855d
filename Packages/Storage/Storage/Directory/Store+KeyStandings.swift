package import BursarModel
import GRDB
package import Vending

/// A key as the server would read it, for a look at what it would decide.
package struct KeyStanding: Sendable {
    package let id: KeyID
    package let label: String?
    /// nil when the row makes no sense, which the server answers with `internal`.
    package let record: KeyRecord?
    /// Vends of the day that was asked for.
    package let used: Int
}

extension Store {
    /// A researcher's keys, oldest first, with their use on `day`; nil when there is no such researcher.
    package func keyStandings(
        of handle: Handle,
        on day: UTCDay
    ) throws -> (researcher: String, keys: [KeyStanding])? {
        try read { db in
            let sql = "SELECT handle FROM researchers WHERE handle = ?"
            guard let researcher = try String.fetchOne(db, sql: sql, arguments: [handle.description]) else {
                return nil
            }
            let keys = try Row.fetchAll(
                db,
                sql: "SELECT id FROM keys WHERE researcher = ? ORDER BY created_at, id",
                arguments: [researcher]
            )
            let ids = keys.compactMap { KeyID($0["id"] as String) }
            return (researcher, try ids.map { try Self.standing(of: $0, on: day, db) })
        }
    }

    /// One key; nil when there is none of that id.
    package func keyStanding(of id: KeyID, on day: UTCDay) throws -> KeyStanding? {
        try read { db in
            let sql = "SELECT 1 FROM keys WHERE id = ?"
            guard try Int.fetchOne(db, sql: sql, arguments: [id.description]) != nil else { return nil }
            return try Self.standing(of: id, on: day, db)
        }
    }

    private static func standing(of id: KeyID, on day: UTCDay, _ db: Database) throws -> KeyStanding {
        let record: KeyRecord?
        do {
            record = try key(id, db)?.record
        } catch is UnreadableKeyError {
            record = nil
        }
        let label = try String.fetchOne(db, sql: "SELECT label FROM keys WHERE id = ?", arguments: [id.description])
        let used = try Int.fetchOne(
            db,
            sql: "SELECT count FROM usage_daily WHERE day = ? AND key_id = ? AND outcome = 'vended'",
            arguments: [day.number, id.description]
        )
        return KeyStanding(id: id, label: label, record: record, used: used ?? 0)
    }
}
