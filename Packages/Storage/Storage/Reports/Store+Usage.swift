import BursarFoundation
import BursarModel
import GRDB
import Vending

extension Store {
    /// How often a key was vended to on a day.
    func use(of key: KeyID, on day: UTCDay) async throws -> DailyUsage {
        try await pool.read { db in
            DailyUsage(day: day, count: try UsageCounter(db, at: day.start).vends(of: key))
        }
    }

    /// Vends and refusals in `scope`, all of the same moment; `span` is what the time line is cut into.
    package func usage(_ scope: UsageScope, _ parts: Usage.Parts, by span: UsageSpan = .day) throws -> Usage {
        try read { db in try UsageReader(db, scope).read(parts, span: span) }
    }
}
