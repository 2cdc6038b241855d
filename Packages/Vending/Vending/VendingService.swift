package import BursarFoundation
package import BursarModel

/// The decision about one request, from the presented key to the recorded vend.
package struct VendingService: Sendable {
    package let terms: ServerTerms
    /// Polls the directory; to be run and refreshed by the server.
    package let watch: RevisionPoller
    private let verifier: KeyVerifier
    private let sessions: Sessions
    private let quota: DailyQuota
    private let rates: RateLimiter
    private let auditLog: any AuditLog
    private let now: @Sendable () -> Date

    package init(
        terms: ServerTerms = ServerTerms(),
        directory: any KeyDirectory,
        auditLog: any AuditLog,
        issuer: any CredentialIssuer,
        pool: HashingPool,
        timeout: Duration = .seconds(1),
        now: @escaping @Sendable () -> Date
    ) {
        let verifier = KeyVerifier(directory: directory, pool: pool)
        let sessions = Sessions(issuer: issuer, duration: terms.sessionDuration, now: now)
        self.terms = terms
        self.verifier = verifier
        self.sessions = sessions
        self.auditLog = auditLog
        self.now = now
        quota = DailyQuota()
        rates = RateLimiter(terms: terms)
        watch = RevisionPoller(directory: directory, timeout: timeout) { keys, revision in
            verifier.forget(keys, revision: revision)
            sessions.forget(keys)
        }
    }

    /// Counts of sessions since the start, for metrics.
    package var sessionFigures: Sessions.Figures { sessions.figures }

    /// True if the last request to AWS failed.
    package var isIssuerAway: Bool { sessions.issuerIsAway }

    /// A caller: the presented key, if any, and the client's address.
    package struct Caller: Sendable {
        package let key: String?
        package let address: IPAddress
        package let requestID: String

        package init(key: String?, address: IPAddress, requestID: String) {
            self.key = key
            self.address = address
            self.requestID = requestID
        }
    }

    /// Options of a vend.
    package struct VendOptions: Sendable {
        package var form = CredentialForm.credentials
        /// The least lifetime that the credentials should have left, if the key's sessions are that long.
        package var minLeft: TimeInterval?

        package init(form: CredentialForm = .credentials, minLeft: TimeInterval? = nil) {
            self.form = form
            self.minLeft = minLeft
        }
    }

    /// Credentials that may be handed out: their record is on disk.
    package struct VendResult: Sendable {
        package let session: Session
        package let key: KeyRecord
        package let quota: QuotaStatus
    }

    /// Proves the key, and that it may be used now, from the caller's address and at this rate.
    ///
    /// - Throws: ``VendError``, or `CancellationError` if the caller has gone.
    package func identify(_ caller: Caller) async throws -> KeyVerifier.Proof {
        let proof = try await admit(caller)
        if let limit = rates.take(proof.record) { throw VendError(.rateLimited, to: proof.record, limit: limit) }
        return proof
    }

    /// Proves the key, and that it may be used now and from the caller's address.
    ///
    /// Remembered keys count only while they are known to be current; on a machine too busy to have polled lately,
    /// the request reads the changes itself.
    private func admit(_ caller: Caller) async throws -> KeyVerifier.Proof {
        let arrival = VendRequest(terms: terms, key: nil, address: caller.address, date: now())
        if arrival.refusal(by: .serverAddresses) != nil {
            throw VendError(.outsideServer, cause: "outside the server's list")
        }
        if !watch.isCurrent {
            do {
                try await watch.refresh()
            } catch {
                throw VendError(.notRecorded, cause: "reading what changed: \(error)")
            }
        }
        let proof = try await verifier.verify(caller.key, from: caller.address)
        let key = proof.record
        let request = VendRequest(terms: terms, key: key, address: caller.address, date: now())
        if let refusal = request.refusal(by: VendingRule.admission) {
            let cause = refusal.rule == .keyAddresses ? "outside the key's list" : ""
            throw VendError(refusal.code, to: key, cause: cause)
        }
        return proof
    }

    /// Returns the key's quota for today, and its use so far.
    ///
    /// - Throws: ``VendError``, or `CancellationError` if the caller has gone.
    package func quotaStatus(of key: KeyRecord) async throws -> QuotaStatus {
        let date = now()
        try await loadQuota(of: key, on: UTCDay(containing: date))
        return quota.status(key.id, limit: terms.dailyLimit(of: key), at: date)
    }

    /// Checks everything that a vend is refused for before AWS is asked; nothing is vended, reserved or recorded.
    ///
    /// - Throws: ``VendError``, or `CancellationError` if the caller has gone.
    package func rehearse(for caller: Caller, _ options: VendOptions = VendOptions()) async throws -> QuotaStatus {
        let key = try await identify(caller).record
        let date = now()
        if let refusal = standingRefusal(of: key, caller, options, at: date) { throw refusal }
        let status = try await quotaStatus(of: key)
        guard status.remaining > 0 else { throw exhausted(key, at: date) }
        return status
    }

    /// Returns credentials for the caller, recorded before they are returned.
    ///
    /// The audit log refuses a vend whose key changed while it was under way; the vend is decided once more from the
    /// changed row, which gives the reason.
    ///
    /// - Throws: ``VendError``, or `CancellationError` if the caller has gone.
    package func vend(to caller: Caller, _ options: VendOptions = VendOptions()) async throws -> VendResult {
        var proof = try await identify(caller)
        for _ in 1...2 {
            if let result = try await attempt(caller, options, proof) { return result }
            proof = try await admit(caller)
        }
        throw VendError(.busy, to: proof.record, cause: "the key keeps changing")
    }

    /// Gets one session and records it; returns nil if the key changed between the two.
    private func attempt(
        _ caller: Caller,
        _ options: VendOptions,
        _ proof: KeyVerifier.Proof
    ) async throws -> VendResult? {
        let key = proof.record
        let date = now()
        if let refusal = standingRefusal(of: key, caller, options, at: date) { throw refusal }
        let day = UTCDay(containing: date)
        let limit = terms.dailyLimit(of: key)
        try await loadQuota(of: key, on: day)
        guard quota.reserve(key.id, on: day, limit: limit) else { throw exhausted(key, at: date) }
        var use: DailyUsage?
        defer { quota.settle(key.id, on: day, use) }
        let session = try await session(for: key, options)
        let vend = Vend(
            key: key,
            revision: proof.revision,
            dailyLimit: limit,
            address: caller.address,
            accessKeyID: session.credentials.accessKeyID,
            expiration: session.credentials.expiration,
            form: options.form,
            requestID: caller.requestID
        )
        do throws(AuditLogError) {
            let recorded = try await auditLog.record(vend)
            use = recorded
            let status = quota.status(key.id, limit: limit, at: date)
            let used = max(recorded.count, status.used)
            return VendResult(
                session: session,
                key: key,
                quota: QuotaStatus(limit: limit, used: used, secondsToReset: status.secondsToReset)
            )
        } catch {
            switch error {
            case .keyChanged:
                verifier.forget([key.id], revision: proof.revision)
                return nil
            case .quotaExhausted(let recorded):
                use = recorded
                throw exhausted(key, at: date)
            case .paused: throw VendError(.paused, to: key)
            case .unavailable(let cause): throw VendError(.notRecorded, to: key, cause: cause)
            }
        }
    }

    /// The refusal of the rules that apply to each vend, except the quota, which is checked by reserving a vend.
    private func standingRefusal(
        of key: KeyRecord,
        _ caller: Caller,
        _ options: VendOptions,
        at date: Date
    ) -> VendError? {
        var request = VendRequest(terms: terms, key: key, address: caller.address, date: date)
        request.form = options.form
        request.isPaused = watch.isPaused
        return request.refusal(by: VendingRule.standing).map { VendError($0.code, to: key) }
    }

    private func exhausted(_ key: KeyRecord, at date: Date) -> VendError {
        let status = quota.status(key.id, limit: terms.dailyLimit(of: key), at: date)
        let limit = VendError.Limit(count: status.limit, reset: .seconds(status.secondsToReset))
        return VendError(.quotaExhausted, to: key, limit: limit)
    }

    private func loadQuota(of key: KeyRecord, on day: UTCDay) async throws {
        guard !quota.knows(key.id, on: day) else { return }
        do {
            quota.load(key.id, try await auditLog.use(of: key.id, on: day))
        } catch let cancellation as CancellationError {
            throw cancellation
        } catch {
            throw VendError(.notRecorded, to: key, cause: "reading the key's use: \(error)")
        }
    }

    private func session(for key: KeyRecord, _ options: VendOptions) async throws(VendError) -> Session {
        do throws(IssuerError) {
            return try await sessions.session(for: key, minLeft: options.minLeft)
        } catch {
            switch error {
            case .unavailable(let cause): throw VendError(.awsUnavailable, to: key, cause: cause)
            case .refused(let cause): throw VendError(.roleRefused, to: key, cause: cause)
            }
        }
    }
}
