package import BursarFoundation
package import BursarModel
import Synchronization

/// Each key's current credentials: handed out again while more than half of their life is left, one request to AWS in
/// flight per key, and old ones served for a while when AWS can't be reached.
package final class Sessions: Sendable {
    private struct Entry {
        let version: Int64
        let session: Session
    }

    private struct Flight {
        let version: Int64
        let task: Task<Result<Session, IssuerError>, Never>
    }

    private struct State {
        var entries: [KeyID: Entry] = [:]
        var flights: [KeyID: Flight] = [:]
        var backoff = Backoff()
        var figures = Figures()
    }

    /// What happened since the start, for metrics.
    package struct Figures: Sendable {
        package fileprivate(set) var hits = 0
        package fileprivate(set) var misses = 0
        package fileprivate(set) var stale = 0
    }

    /// What is left at least of credentials that are served because AWS can't be reached.
    private static let staleMinimum: TimeInterval = 300
    /// How often a key's holder may have fresh credentials made although the old ones are good.
    private static let forcedInterval: TimeInterval = 60
    /// How long a researcher's sessions take to be ended at most.
    private static let longestHold: TimeInterval = 60
    /// Past this many entries, those that have ended are dropped.
    private static let tidyAt = 4096

    private let issuer: any CredentialIssuer
    private let duration: SessionDuration
    private let now: @Sendable () -> Date
    private let clock = ContinuousClock()
    private let state = Mutex(State())

    package init(issuer: any CredentialIssuer, duration: SessionDuration, now: @escaping @Sendable () -> Date) {
        self.issuer = issuer
        self.duration = duration
        self.now = now
    }

    /// Credentials for `key`, from memory or from the issuer; with `minLeft` fresh ones when the known have less left,
    /// once a minute at most.
    package func session(for key: KeyRecord, minLeft: TimeInterval? = nil) async throws(IssuerError) -> Session {
        guard !isHeld(key) else { throw .unavailable(cause: "the researcher's sessions are being ended") }
        let known = current(of: key)
        if let known, isGood(known, minLeft) {
            state.withLock { $0.figures.hits += 1 }
            return known
        }
        do throws(IssuerError) {
            guard let flight = flight(for: key) else { throw .unavailable(cause: "AWS was away a moment ago") }
            return try await flight.value.get()
        } catch {
            switch error {
            case .unavailable:
                guard let known, known.credentials.timeLeft(at: now()) >= Self.staleMinimum else { throw error }
                state.withLock { $0.figures.stale += 1 }
                return known
            case .refused:
                state.withLock { $0.entries[key.id] = nil }
                throw error
            }
        }
    }

    /// Whether the issuer was away when it was last asked.
    package var issuerIsAway: Bool {
        state.withLock { $0.backoff.isUnreachable }
    }

    package var figures: Figures { state.withLock { $0.figures } }

    /// Drops what was issued to `keys`: their rows have changed.
    package func forget(_ keys: [KeyID]) {
        state.withLock { state in
            for key in keys { state.entries[key] = nil }
        }
    }

    /// Whether a session that is issued now would be one of those that an operator is about to end.
    ///
    /// A moment that is further ahead isn't waited for: the clock was set back since, and AWS's was not.
    private func isHeld(_ key: KeyRecord) -> Bool {
        guard let validFrom = key.owner.sessionsValidFrom else { return false }
        let left = validFrom.timeIntervalSince(now())
        return left > 0 && left <= Self.longestHold
    }

    private func isGood(_ session: Session, _ minLeft: TimeInterval?) -> Bool {
        let now = now()
        guard session.isFresh(at: now) else { return false }
        guard let minLeft, session.credentials.timeLeft(at: now) < minLeft else { return true }
        return (0..<Self.forcedInterval).contains(now.timeIntervalSince(session.issued))
    }

    private func current(of key: KeyRecord) -> Session? {
        state.withLock { state in
            guard let entry = state.entries[key.id], entry.version == key.version,
                entry.session.issued >= key.owner.sessionsValidFrom ?? .distantPast
            else { return nil }
            return entry.session
        }
    }

    /// The request under way for this version of the key, or a new one; nil while AWS is to be left alone.
    ///
    /// It runs to its end even when its callers have gone, so that what AWS issued is not asked for again.
    private func flight(for key: KeyRecord) -> Task<Result<Session, IssuerError>, Never>? {
        state.withLock { state in
            if let flight = state.flights[key.id], flight.version == key.version { return flight.task }
            let now = clock.now
            guard state.backoff.allows(now) else { return nil }
            let round = state.backoff.begin(at: now)
            state.figures.misses += 1
            let task = Task { await land(key, round) }
            state.flights[key.id] = Flight(version: key.version, task: task)
            return task
        }
    }

    private func land(_ key: KeyRecord, _ round: Backoff.Round) async -> Result<Session, IssuerError> {
        let result: Result<Session, IssuerError>
        do throws(IssuerError) {
            result = .success(try await issue(to: key))
        } catch {
            result = .failure(error)
        }
        state.withLock { state in
            if state.flights[key.id]?.version == key.version { state.flights[key.id] = nil }
            if case .failure(.unavailable) = result {
                state.backoff.fail(round, at: clock.now, spread: .random(in: 0.5...1))
            } else {
                state.backoff.succeed()
            }
            guard case .success(let session) = result else { return }
            if state.entries.count >= Self.tidyAt {
                let now = now()
                state.entries = state.entries.filter { $1.session.credentials.expiration > now }
            }
            if let entry = state.entries[key.id], entry.version > key.version { return }
            state.entries[key.id] = Entry(version: key.version, session: session)
        }
        return result
    }

    private func issue(to key: KeyRecord) async throws(IssuerError) -> Session {
        let start = now()
        let length = SessionLength(for: key, standard: duration, at: start)
        let request = IssueRequest(to: key, duration: length.duration, notAfter: length.notAfter)
        let credentials = try await issuer.issue(request)
        guard credentials.expiration > now() else {
            throw .unavailable(cause: "the credentials had expired on arrival")
        }
        return Session(credentials.ending(by: key.end), issued: start)
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
