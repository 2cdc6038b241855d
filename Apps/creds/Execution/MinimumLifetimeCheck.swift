import BursarConsole
import BursarFoundation
import BursarModel

/// Keeps a job from starting that its session would not outlive.
struct MinimumLifetimeCheck {
    let needed: TimeSpan

    func accepts(_ session: CachedSession, at date: Date) -> Bool {
        session.expiration.timeIntervalSince(date) >= TimeInterval(needed.seconds)
    }

    /// - Throws: ``UserFacingError`` when it ends too early.
    func check(_ session: CachedSession, at date: Date) throws(UserFacingError) {
        guard !accepts(session, at: date) else { return }
        throw UserFacingError(
            "the server's session ends \(RelativeTime(until: session.expiration, at: date)), "
                + "and --min-left asks for \(needed)",
            hint: "ask your operator for longer sessions, or start with a shorter --min-left"
        )
    }
}
