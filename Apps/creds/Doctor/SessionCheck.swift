import BursarFiles
import BursarModel
import SystemPackage

/// The session that is kept, and what went wrong last.
struct SessionCheck: DoctorCheck {
    func findings(_ subject: DoctorContext) -> [Finding] {
        guard let profile = subject.profile, let cache = try? subject.context.cache(profile.cacheID) else {
            return [.skipped(.session, "there is no profile to have one")]
        }
        return [session(cache, profile, subject), lastFailure(cache, subject)]
    }

    private func session(_ cache: SessionCache, _ profile: StoredProfile, _ subject: DoctorContext) -> Finding {
        let now = subject.context.now()
        guard let session = cache.read() else {
            let folder = try? subject.context.paths.cache().appending("bursar")
            let isThere = folder.flatMap { try? $0.appending("\(profile.cacheID).json").stat() } != nil
            guard isThere else { return .ok(.session, "none is kept; the next call asks for one") }
            return .warning(
                .session,
                "what is kept is damaged, so the next call asks for a new one",
                fix: subject.creds("refresh")
            )
        }
        let end = RelativeTime(until: session.expiration, at: now)
        guard end.seconds > 0 else { return .ok(.session, "ended \(end); the next call asks for one") }
        guard session.isFresh(at: now) else { return .ok(.session, "ends \(end); the next call asks for a new one") }
        return .ok(
            .session,
            "ends \(end); the first request after \(Timestamp.string(session.nextRefresh)) gets a new one"
        )
    }

    private func lastFailure(_ cache: SessionCache, _ subject: DoctorContext) -> Finding {
        guard let failure = cache.lastFailure() else { return .ok(.lastError, "none since the last success") }
        let age = RelativeTime(until: failure.date, at: subject.context.now())
        let hint = failure.hint.map { "; \($0)" } ?? ""
        return .warning(.lastError, "\(age): \(failure.problem)\(hint)", fix: subject.creds("refresh"))
    }
}
