import BursarCore
import Console

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Keeps a job from starting that its session would not outlive.
struct SessionGate {
    let needed: TimeSpan

    func accepts(_ session: CachedSession, at date: Date) -> Bool {
        session.expiration.timeIntervalSince(date) >= TimeInterval(needed.seconds)
    }

    /// - Throws: ``Problem`` when it ends too early.
    func check(_ session: CachedSession, at date: Date) throws(Problem) {
        guard !accepts(session, at: date) else { return }
        throw Problem(
            "the session ends \(Remaining(until: session.expiration, at: date)), and --min-left asks for \(needed)",
            hint: "creds can't ask the server for a longer one yet; wait for the next, or ask your operator"
        )
    }
}
