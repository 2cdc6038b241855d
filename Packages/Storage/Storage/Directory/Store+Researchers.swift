import BursarCore
import GRDB
package import Vending

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Store {
    /// Adds a researcher and records it.
    ///
    /// - Returns: false when the handle is taken already, in any case of its letters.
    package func add(_ researcher: Researcher, by act: Act) throws -> Bool {
        try write { db in
            let handle = researcher.handle.description
            try db.execute(
                sql: """
                    INSERT INTO researchers (handle, name, email, project, sponsor, note, ends_at, created_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    ON CONFLICT DO NOTHING
                    """,
                arguments: [
                    handle, researcher.name, researcher.email, researcher.project, researcher.sponsor, researcher.note,
                    researcher.ends?.milliseconds, act.date.milliseconds,
                ]
            )
            guard db.changesCount == 1 else { return false }
            try act.record(.researcherAdded, researcher: handle, in: db)
            return true
        }
    }

    /// All researchers, by handle.
    package func researchers() throws -> [Researcher] {
        try read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM researchers ORDER BY handle").compactMap { row in
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
