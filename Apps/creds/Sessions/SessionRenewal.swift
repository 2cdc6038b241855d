import BursarCore
import Files
import Transport

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Hands out the cached session, and asks for the next when its time has come: once for all processes of the user.
struct SessionRenewal: Sendable {
    let cache: SessionCache
    let now: @Sendable () -> Date
    /// Asks the server, within the time that is given.
    let fetch: @Sendable (Duration) async throws -> SessionCredentials

    /// Everything that one run may take.
    static let limit = Duration.seconds(10)
    /// What a run may take whose session still works.
    private static let courtesy = Duration.seconds(5)
    /// The longest that AWS lets a session live, and some minutes for clocks.
    private static let longestLife: TimeInterval = 12 * 3600 + 600

    /// Why there is no session, apart from what the server and the key command say.
    enum Failure: Error, Equatable {
        case expired
        case tooLongLived
        /// Another process asks the server already, and takes long.
        case stillAsking
    }

    /// The line to print.
    ///
    /// A session that still works is handed out whatever goes wrong, but for a server that says the key is no good.
    func output() async throws -> Secret<String> {
        let deadline = ContinuousClock.now.advanced(by: Self.limit)
        let cached = cache.read()
        if let cached, cached.isFresh(at: now()) { return cached.output }
        let usable = cached.flatMap { $0.isUsable(at: now()) ? $0 : nil }
        let lock: FileLock?
        do {
            lock = try usable == nil ? await cache.lock(before: deadline) : cache.tryLock()
        } catch is FileFault {
            // Nowhere to keep a session: it is fetched each time.
            return try await renewed(instead: usable, before: deadline)
        }
        guard let lock else {
            if let usable { return usable.output }
            throw Failure.stillAsking
        }
        let output = try await renewed(instead: usable, before: deadline)
        lock.release()
        return output
    }

    private func renewed(
        instead usable: CachedSession?,
        before deadline: ContinuousClock.Instant
    ) async throws -> Secret<String> {
        // Who had the lock before us may have brought what we need.
        if let cached = cache.read(), cached.isFresh(at: now()) { return cached.output }
        do {
            let session = try await obtained(before: deadline, hurried: usable != nil)
            return keep(session, insteadOf: usable).output
        } catch let fault as BursarClientFault where fault.isFinal {
            try? cache.removeSession()
            throw fault
        } catch  where !(error is CancellationError) {
            guard let usable, usable.isUsable(at: now()) else { throw error }
            let pause = max(CachedSession.pause, (error as? BursarClientFault)?.retryAfter ?? 0)
            try? cache.write(usable.retried(notBefore: now() + pause))
            return usable.output
        }
    }

    private func obtained(before deadline: ContinuousClock.Instant, hurried: Bool) async throws -> CachedSession {
        let left = ContinuousClock.now.duration(to: deadline)
        let credentials = try await fetch(hurried ? min(left, Self.courtesy) : left)
        let received = now()
        guard credentials.timeLeft(at: received) > 0 else { throw Failure.expired }
        guard credentials.timeLeft(at: received) <= Self.longestLife else { throw Failure.tooLongLived }
        return CachedSession(credentials, obtained: received, jitter: .random(in: 0...1))
    }

    /// Stores what came; the same session as before is not asked for again at once.
    private func keep(_ session: CachedSession, insteadOf old: CachedSession?) -> CachedSession {
        var session = session
        if let old, session.expiration <= old.expiration {
            session = old.retried(notBefore: now() + CachedSession.pause)
        }
        try? cache.write(session)
        try? cache.clearFailure()
        return session
    }
}

extension BursarClientFault {
    /// The server knows the key and says no: what was cached is not to be used any longer.
    fileprivate var isFinal: Bool {
        guard case .refused(let refusal) = self, refusal.reason != nil else { return false }
        return refusal.status == 401 || refusal.status == 403
    }

    fileprivate var retryAfter: TimeInterval? {
        guard case .refused(let refusal) = self else { return nil }
        return refusal.retryAfter.map { TimeInterval($0.components.seconds) }
    }
}
