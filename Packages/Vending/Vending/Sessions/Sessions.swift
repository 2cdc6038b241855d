package import BursarFoundation
package import BursarModel
import Synchronization

/// Each key's current credentials.
///
/// They are handed out again while more than half of their lifetime is left. Each key has one request to AWS in flight.
/// While AWS is unreachable, older credentials are served as long as ``staleMinimum`` is left.
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

    /// Counts since the start, for metrics.
    package struct Figures: Sendable {
        package fileprivate(set) var hits = 0
        package fileprivate(set) var misses = 0
        package fileprivate(set) var stale = 0
    }

    /// The least lifetime left of credentials that are served while AWS is unreachable.
    private static let staleMinimum: TimeInterval = 300
    /// The shortest time between two sessions that a caller forces with `min-left`.
    private static let forcedInterval: TimeInterval = 60
    /// The longest time that ending a researcher's sessions takes.
    private static let longestHold: TimeInterval = 60
    /// Past this many entries, expired ones are dropped.
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

    /// Returns credentials for `key`, from memory or from the issuer.
    ///
    /// `minLeft` requests new ones if the known ones have less left, once a minute at most.
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

    /// True if the last request to the issuer failed.
    package var issuerIsAway: Bool {
        state.withLock { $0.backoff.isUnreachable }
    }

    package var figures: Figures { state.withLock { $0.figures } }

    /// Drops the sessions of `keys`, whose rows have changed.
    package func forget(_ keys: [KeyID]) {
        state.withLock { state in
            for key in keys { state.entries[key] = nil }
        }
    }

    /// True while a session issued now would be among those that an operator is about to end.
    ///
    /// A moment further ahead isn't waited for: this clock was set back since, and AWS's was not.
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
        return Session(credentials: credentials.ending(by: key.end), issued: start)
    }
}

extension SessionCredentials {
    /// The same credentials, with an expiry no later than `date`.
    fileprivate func ending(by date: Date) -> SessionCredentials {
        SessionCredentials(
            accessKeyID: accessKeyID,
            secretAccessKey: secretAccessKey,
            sessionToken: sessionToken,
            expiration: min(expiration, date)
        )
    }
}

/// Credentials that were issued to a key, and when.
package struct Session: Sendable {
    package let credentials: SessionCredentials
    package let issued: Date

    /// The amount that a clock may be corrected by without a new session for every key.
    private static let clockSlack: TimeInterval = 60

    /// True while the credentials are worth handing out again: more than half of their lifetime is left.
    ///
    /// More than the whole lifetime can only be left if the clock was set back since: then their expiry is unknown.
    package func isFresh(at date: Date) -> Bool {
        let lifetime = credentials.expiration.timeIntervalSince(issued)
        let left = credentials.timeLeft(at: date)
        return left > lifetime / 2 && left <= lifetime + Self.clockSlack
    }
}

/// The exponential backoff after AWS was unreachable: 200 ms at first, twice as long each time, up to 15 s.
///
/// Requests that fail together count once: twenty keys at the same moment are one attempt, not twenty.
struct Backoff: Sendable {
    /// The requests that began between one failure and the next.
    struct Round: Equatable, Sendable {
        fileprivate let number: Int
    }

    private static let first = Duration.milliseconds(200)
    private static let doublings = 7
    private static let longest = Duration.seconds(15)
    /// Longer than the time limit of a request to AWS.
    private static let probing = Duration.seconds(5)

    private var failures = 0
    private var next: ContinuousClock.Instant?

    /// True if the last request failed.
    var isUnreachable: Bool { failures > 0 }

    func allows(_ now: ContinuousClock.Instant) -> Bool {
        next.map { now >= $0 } ?? true
    }

    /// Begins a request; while it probes whether AWS is back, others wait for its outcome.
    mutating func begin(at now: ContinuousClock.Instant) -> Round {
        if isUnreachable { next = now + Self.probing }
        return Round(number: failures)
    }

    /// `spread`, 0.5 to 1, keeps servers that failed together from coming back together.
    mutating func fail(_ round: Round, at now: ContinuousClock.Instant, spread: Double) {
        guard round == Round(number: failures) else { return }
        let pause = min(Self.first * (1 << min(failures, Self.doublings)), Self.longest)
        failures += 1
        next = now + pause * spread
    }

    mutating func succeed() {
        self = Backoff()
    }
}
