import BursarCore
import GRDB
package import Vending

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

extension Store {
    /// Adds a researcher and records it.
    ///
    /// - Returns: false when the handle is taken already, in any case of its letters.
    package func add(_ researcher: Researcher, at date: Date) throws -> Bool {
        try write { db in
            let handle = researcher.handle.description
            try db.execute(
                sql: """
                    INSERT INTO researchers (handle, name, email, project, created_at) VALUES (?, ?, ?, ?, ?)
                    ON CONFLICT DO NOTHING
                    """,
                arguments: [handle, researcher.name, researcher.email, researcher.project, date.milliseconds]
            )
            guard db.changesCount == 1 else { return false }
            var chain = try Chain.current(db)
            let entry = RecordEntry(kind: .researcherAdded, occurred: date.milliseconds, researcher: handle)
            try chain.append(entry, to: db)
            return true
        }
    }

    /// All researchers, by handle.
    package func researchers() throws -> [Researcher] {
        try read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM researchers ORDER BY handle").compactMap { row in
                guard let handle = Handle(row["handle"]) else { return nil }
                return Researcher(handle: handle, name: row["name"], email: row["email"], project: row["project"])
            }
        }
    }
}
