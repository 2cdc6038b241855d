import BursarFoundation

/// Caches another provider's credentials and replaces them before they expire.
///
/// From 15 minutes before expiry (up to 5 minutes later, at random, so that many programs don't ask at once) callers
/// get the cached credentials while one refresh runs; from 10 minutes before, they wait for it. A failed refresh leaves
/// the cached credentials in use until they expire, and is retried after 30 seconds; after expiry, by the next caller.
/// At most one refresh is under way.
public actor RefreshingCredentials: CredentialProvider {
    private let source: any CredentialProvider
    private let clientContext: AWSClientContext
    private var held: Held?
    private var isRefreshing = false
    private var nextTry: Date?
    private var waiting: [Int: CheckedContinuation<AWSCredentials, any Error>] = [:]
    private var tickets = 0

    private struct Held {
        let credentials: AWSCredentials
        /// nil for credentials that don't end.
        let advisory: Date?
    }

    static let advisoryLead: TimeInterval = 15 * 60
    static let mandatoryLead: TimeInterval = 10 * 60
    static let pauseAfterFailure: TimeInterval = 30

    public init(_ source: any CredentialProvider, clientContext: AWSClientContext) {
        self.source = source
        self.clientContext = clientContext
    }

    /// Credentials that live now.
    ///
    /// - Throws: what the source throws, once nothing that lives is held; ``CredentialError/ended(source:)`` when the
    ///   source gave credentials that have ended; `CancellationError` as soon as the caller's task is cancelled.
    public func credentials() async throws -> AWSCredentials {
        let now = clientContext.now()
        guard let held else { return try await refreshed() }
        guard let advisory = held.advisory, let end = held.credentials.expiration, now >= advisory else {
            return held.credentials
        }
        guard end > now else { return try await refreshed() }
        if let nextTry, now < nextTry { return held.credentials }
        if now >= end.addingTimeInterval(-Self.mandatoryLead) {
            do {
                return try await refreshed()
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                guard end > clientContext.now() else { throw error }
                return held.credentials
            }
        }
        beginRefresh()
        return held.credentials
    }

    /// Waits for the refresh under way, or begins one.
    private func refreshed() async throws -> AWSCredentials {
        tickets += 1
        let ticket = tickets
        return try await withTaskCancellationHandler {
            try Task.checkCancellation()
            return try await withCheckedThrowingContinuation { continuation in
                waiting[ticket] = continuation
                beginRefresh()
            }
        } onCancel: {
            Task { await self.giveUp(ticket) }
        }
    }

    private func giveUp(_ ticket: Int) {
        waiting.removeValue(forKey: ticket)?.resume(throwing: CancellationError())
    }

    private func beginRefresh() {
        guard !isRefreshing else { return }
        isRefreshing = true
        // Not a child of any caller: one that leaves must not take the refresh away from the others.
        Task {
            do {
                finish(.success(try await source.credentials()))
            } catch {
                finish(.failure(error))
            }
        }
    }

    private func finish(_ outcome: Result<AWSCredentials, any Error>) {
        isRefreshing = false
        let now = clientContext.now()
        var outcome = outcome
        if case .success(let fresh) = outcome {
            if let end = fresh.expiration, end <= now {
                outcome = .failure(CredentialError.ended(source: "the source that was asked again"))
            } else {
                keep(fresh, at: now)
            }
        }
        if case .failure = outcome { nextTry = now.addingTimeInterval(Self.pauseAfterFailure) }
        let waiters = waiting.values
        waiting = [:]
        for waiter in waiters { waiter.resume(with: outcome) }
    }

    private func keep(_ fresh: AWSCredentials, at now: Date) {
        let jitter = (Self.advisoryLead - Self.mandatoryLead) * clientContext.chance()
        let advisory = fresh.expiration?.addingTimeInterval(jitter - Self.advisoryLead)
        held = Held(credentials: fresh, advisory: advisory)
        // A source whose credentials are near their end from the start isn't asked on every call.
        let isNearItsEnd = advisory.map { $0 <= now } ?? false
        nextTry = isNearItsEnd ? now.addingTimeInterval(Self.pauseAfterFailure) : nil
    }
}
