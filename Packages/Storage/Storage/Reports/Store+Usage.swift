package import BursarCore
import GRDB
import Vending

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Store {
    /// How often a key was vended to on a day.
    func use(of key: KeyID, on day: UTCDay) async throws -> DailyUse {
        try await pool.read { db in
            let date = Date(timeIntervalSince1970: Double(day.number) * 86_400)
            return DailyUse(day: day, count: try UsageCounter(db, at: date).vends(of: key))
        }
    }

    /// Vends and refusals in `scope`, all of the same moment; `span` is what the time line is cut into.
    package func usage(_ scope: UsageScope, _ parts: Usage.Parts, by span: UsageSpan = .day) throws -> Usage {
        try read { db in try UsageReader(db, scope).read(parts, span: span) }
    }

    /// Projects of researchers, in their order.
    package func projects() throws -> [String] {
        try read { db in
            let sql = "SELECT DISTINCT project FROM researchers WHERE purpose = 'research' ORDER BY project"
            return try String.fetchAll(db, sql: sql)
        }
    }

    /// The handle as it is spelled in its row; nil when there is no such researcher, or only a self-test's.
    package func spelling(of handle: String) throws -> String? {
        try read { db in
            try String.fetchOne(
                db,
                sql: "SELECT handle FROM researchers WHERE handle = ? AND purpose = 'research'",
                arguments: [handle]
            )
        }
    }

    /// Handles of researchers, in their order.
    package func handles() throws -> [String] {
        try read { db in
            try String.fetchAll(db, sql: "SELECT handle FROM researchers WHERE purpose = 'research' ORDER BY handle")
        }
    }

    /// Keys whose id begins with `prefix`: at most two, enough to see that it isn't clear which is meant.
    package func keys(beginning prefix: String) throws -> [KeyID] {
        try read { db in
            try String.fetchAll(
                db,
                sql: "SELECT id FROM keys WHERE substr(id, 1, length(?1)) = ?1 ORDER BY id LIMIT 2",
                arguments: [prefix]
            )
        }.compactMap { KeyID($0) }
    }
}
