import BursarFoundation
import BursarModel
import GRDB
package import Vending

extension Store {
    /// Adds a researcher and records it.
    ///
    /// - Returns: false when the handle is taken already, in any case of its letters.
    package func add(_ researcher: Researcher, by act: AuditContext) throws -> Bool {
        try write { db in try researcher.insert(db, by: act) }
    }

    /// All researchers, by handle.
    package func researchers() throws -> [Researcher] {
        try read { db in
            let sql = "SELECT * FROM researchers WHERE purpose = 'research' ORDER BY handle"
            return try Row.fetchAll(db, sql: sql).compactMap { row in
                guard let handle = Handle(row["handle"]) else { return nil }
                return Researcher(
                    handle: handle,
                    name: row["name"],
                    email: row["email"],
                    project: row["project"],
                    sponsor: row["sponsor"],
                    note: row["note"],
                    ends: (row["ends_at"] as Int64?).map(Date.init(milliseconds:))
                )
            }
        }
    }
}

extension Researcher {
    /// To be called in the transaction that adds them; false when the handle is taken.
    func insert(_ db: Database, by act: AuditContext) throws -> Bool {
        guard try !handle.isTaken(db) else { return false }
        try db.change(
            """
            INSERT INTO researchers (handle, name, email, project, sponsor, note, ends_at, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [handle.description, name, email, project, sponsor, note, ends?.milliseconds, act.date.milliseconds]
        )
        try act.record(.researcherAdded, researcher: handle.description, in: db)
        return true
    }
}

extension Handle {
    /// Whether a researcher has it, in any case of its letters.
    func isTaken(_ db: Database) throws -> Bool {
        let statement = try db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM researchers WHERE handle = ?)")
        return try Bool.fetchOne(statement, arguments: [description]) == true
    }
}
