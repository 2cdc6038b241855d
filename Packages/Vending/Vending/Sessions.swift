package import BursarCore
import Synchronization

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// Each key's current credentials: handed out again while more than half of their life is left, one request to AWS in
/// flight per key, and old ones served for a while when AWS can't be reached.
package final class Sessions: Sendable {
    private struct Entry {
        let version: Int64
        let session: Session
    }

    private struct Flight {
        let version: Int64
        let task: Task<Result<Session, IssueFailure>, Never>
    }

    private struct State {
        var entries: [KeyID: Entry] = [:]
        var flights: [KeyID: Flight] = [:]
        var issuerIsAway = false
        var counts = (cached: 0, issued: 0)
    }

    /// What is left at least of credentials that are served because AWS can't be reached.
    private static let staleMinimum: TimeInterval = 300

    private let issuer: any CredentialIssuer
    private let duration: SessionDuration
    private let now: @Sendable () -> Date
    private let state = Mutex(State())

    package init(issuer: any CredentialIssuer, duration: SessionDuration, now: @escaping @Sendable () -> Date) {
        self.issuer = issuer
        self.duration = duration
        self.now = now
    }

    /// Credentials for `key`, from memory or from the issuer.
    package func session(for key: KeyRecord) async throws(IssueFailure) -> Session {
        let known = current(of: key)
        if let known, known.isFresh(at: now()) {
            state.withLock { $0.counts.cached += 1 }
            return known
        }
        state.withLock { $0.counts.issued += 1 }
        switch await flight(for: key).value {
        case .success(let session):
            return session
        case .failure(.unavailable(let cause)):
            guard let known, known.credentials.timeLeft(at: now()) >= Self.staleMinimum else {
                throw .unavailable(cause: cause)
            }
            return known
        case .failure(.refused(let cause)):
            state.withLock { $0.entries[key.id] = nil }
            throw .refused(cause: cause)
        }
    }

    /// How many asked since the start: served from memory, and waited for the issuer.
    package var counts: (cached: Int, issued: Int) {
        state.withLock { $0.counts }
    }

    /// Whether the issuer was away when it was last asked.
    package var issuerIsAway: Bool {
        state.withLock { $0.issuerIsAway }
    }

    /// Drops what was issued to `keys`: their rows have changed.
    package func forget(_ keys: [KeyID]) {
        state.withLock { state in
            for key in keys { state.entries[key] = nil }
        }
    }

    private func current(of key: KeyRecord) -> Session? {
        state.withLock { state in
            guard let entry = state.entries[key.id], entry.version == key.version else { return nil }
            return entry.session
        }
    }

    /// The request under way for this version of the key, or a new one.
    ///
    /// It runs to its end even when its callers have gone, so that what AWS issued is not asked for again.
    private func flight(for key: KeyRecord) -> Task<Result<Session, IssueFailure>, Never> {
        state.withLock { state in
            if let flight = state.flights[key.id], flight.version == key.version { return flight.task }
            let task = Task { await land(key) }
            state.flights[key.id] = Flight(version: key.version, task: task)
            return task
        }
    }

    private func land(_ key: KeyRecord) async -> Result<Session, IssueFailure> {
        let result: Result<Session, IssueFailure>
        do throws(IssueFailure) {
            result = .success(try await issue(to: key))
        } catch {
            result = .failure(error)
        }
        state.withLock { state in
            if state.flights[key.id]?.version == key.version { state.flights[key.id] = nil }
            if case .failure(.unavailable) = result { state.issuerIsAway = true } else { state.issuerIsAway = false }
            guard case .success(let session) = result else { return }
            if let entry = state.entries[key.id], entry.version > key.version { return }
            state.entries[key.id] = Entry(version: key.version, session: session)
        }
        return result
    }

    private func issue(to key: KeyRecord) async throws(IssueFailure) -> Session {
        let start = now()
        let untilEnd = key.expires.timeIntervalSince(start)
        let isShortened = untilEnd < TimeInterval(duration.seconds)
        let shortened = isShortened ? SessionDuration(seconds: max(Int(untilEnd), 900)) : nil
        let request = IssueRequest(
            researcher: key.researcher,
            duration: shortened ?? duration,
            notAfter: isShortened ? key.expires : nil
        )
        let credentials = try await issuer.issue(request)
        guard credentials.expiration > now() else {
            throw .unavailable(cause: "the credentials had expired on arrival")
        }
        return Session(credentials.ending(by: key.expires), issued: start)
    }
}

extension SessionCredentials {
    /// The same, said to end no later than `date`.
    fileprivate func ending(by date: Date) -> SessionCredentials {
        SessionCredentials(
            accessKeyID: accessKeyID,
            secretAccessKey: secretAccessKey,
            sessionToken: sessionToken,
            expiration: min(expiration, date)
        )
    }
}
