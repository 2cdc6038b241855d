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
            "the server's session ends \(Remaining(until: session.expiration, at: date)), "
                + "and --min-left asks for \(needed)",
            hint: "ask your operator for longer sessions, or start with a shorter --min-left"
        )
    }
}
