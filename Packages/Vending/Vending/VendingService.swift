package import BursarFoundation
package import BursarModel

/// The decision, start to end: who may have credentials now, and is it written down.
package struct VendingService: Sendable {
    package let terms: ServerTerms
    package let verifier: KeyVerifier
    package let sessions: Sessions
    package let quota: DailyQuota
    package let watch: RevisionPoller
    private let rates: RateLimiter
    private let ledger: any AuditLog
    private let now: @Sendable () -> Date

    package init(
        terms: ServerTerms = ServerTerms(),
        directory: any KeyDirectory,
        ledger: any AuditLog,
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
        self.ledger = ledger
        self.now = now
        quota = DailyQuota()
        rates = RateLimiter(terms: terms)
        watch = RevisionPoller(directory: directory, timeout: timeout) { keys, revision in
            verifier.forget(keys, revision: revision)
            sessions.forget(keys)
        }
    }

    /// A caller, as the server sees it.
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

    /// What is wanted of a vend.
    package struct VendOptions: Sendable {
        package var form = CredentialForm.credentials
        /// How long the credentials should live at least, if the key's sessions are that long.
        package var minLeft: TimeInterval?

        package init(form: CredentialForm = .credentials, minLeft: TimeInterval? = nil) {
            self.form = form
            self.minLeft = minLeft
        }
    }

    /// Credentials that may leave: their record is on disk.
    package struct VendResult: Sendable {
        package let session: Session
        package let key: KeyRecord
        package let quota: QuotaStatus
    }

    /// Proves the key, and that it may be used now, from there and that often.
    package func identify(_ caller: Caller) async throws(VendError) -> KeyVerifier.Proof {
        let proof = try await admit(caller)
        if let limit = rates.take(proof.record) { throw VendError(.rateLimited, to: proof.record, limit: limit) }
        return proof
    }

    /// Proves the key, and that it may be used now and from there.
    ///
    /// What is remembered counts only while it is known to be current; on a machine too busy to have looked lately,
    /// the request looks itself.
    private func admit(_ caller: Caller) async throws(VendError) -> KeyVerifier.Proof {
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
        let question = VendRequest(terms: terms, key: key, address: caller.address, date: now())
        if let refusal = question.refusal(by: VendingRule.admission) {
            let cause = refusal.rule == .keyAddresses ? "outside the key's list" : ""
            throw VendError(refusal.code, to: key, cause: cause)
        }
        return proof
    }

    /// What the key may use today, and has.
    package func quotaStand(of key: KeyRecord) async throws(VendError) -> QuotaStatus {
        let date = now()
        try await loadQuota(of: key, on: UTCDay(containing: date))
        return quota.stand(key.id, limit: terms.dailyLimit(of: key), at: date)
    }

    /// What a vend would be refused for before AWS is asked; nothing is vended, reserved or recorded.
    package func rehearse(for caller: Caller, _ wish: VendOptions = VendOptions()) async throws(VendError)
        -> QuotaStatus
    {
        let key = try await identify(caller).record
        let date = now()
        if let refusal = standingRefusal(of: key, caller, wish, at: date) { throw refusal }
        let stand = try await quotaStand(of: key)
        guard stand.remaining > 0 else { throw exhausted(key, at: date) }
        return stand
    }

    /// Credentials for the caller, recorded before they are returned.
    ///
    /// A vend whose key changed while it was under way is refused by the ledger; it is decided once more from the
    /// changed row, which gives the reason.
    package func vend(to caller: Caller, _ wish: VendOptions = VendOptions()) async throws(VendError) -> VendResult {
        var proof = try await identify(caller)
        for _ in 1...2 {
            if let vended = try await attempt(caller, wish, proof) { return vended }
            proof = try await admit(caller)
        }
        throw VendError(.busy, to: proof.record, cause: "the key keeps changing")
    }

    /// One session and its record; nil when the key changed between the two.
    private func attempt(
        _ caller: Caller,
        _ wish: VendOptions,
        _ proof: KeyVerifier.Proof
    ) async throws(VendError) -> VendResult? {
        let key = proof.record
        let date = now()
        if let refusal = standingRefusal(of: key, caller, wish, at: date) { throw refusal }
        let day = UTCDay(containing: date)
        let limit = terms.dailyLimit(of: key)
        try await loadQuota(of: key, on: day)
        guard quota.reserve(key.id, on: day, limit: limit) else { throw exhausted(key, at: date) }
        var use: DailyUsage?
        defer { quota.settle(key.id, on: day, use) }
        let session = try await session(for: key, wish)
        let vend = Vend(
            key: key,
            revision: proof.revision,
            dailyLimit: limit,
            address: caller.address,
            accessKeyID: session.credentials.accessKeyID,
            expiration: session.credentials.expiration,
            form: wish.form,
            requestID: caller.requestID
        )
        do throws(AuditLogError) {
            let recorded = try await ledger.record(vend)
            use = recorded
            let stand = quota.stand(key.id, limit: limit, at: date)
            let used = max(recorded.count, stand.used)
            return VendResult(
                session: session,
                key: key,
                quota: QuotaStatus(limit: limit, used: used, secondsToReset: stand.secondsToReset)
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

    /// The no of the rules that are asked of each vend, but for the quota, which is asked by taking one.
    private func standingRefusal(of key: KeyRecord, _ caller: Caller, _ wish: VendOptions, at date: Date) -> VendError?
    {
        var question = VendRequest(terms: terms, key: key, address: caller.address, date: date)
        question.form = wish.form
        question.isPaused = watch.isPaused
        return question.refusal(by: VendingRule.standing).map { VendError($0.code, to: key) }
    }

    private func exhausted(_ key: KeyRecord, at date: Date) -> VendError {
        let stand = quota.stand(key.id, limit: terms.dailyLimit(of: key), at: date)
        let limit = VendError.Limit(count: stand.limit, reset: .seconds(stand.secondsToReset))
        return VendError(.quotaExhausted, to: key, limit: limit)
    }

    private func loadQuota(of key: KeyRecord, on day: UTCDay) async throws(VendError) {
        guard !quota.knows(key.id, on: day) else { return }
        do {
            quota.load(key.id, try await ledger.use(of: key.id, on: day))
        } catch {
            throw VendError(.notRecorded, to: key, cause: "reading the key's use: \(error)")
        }
    }

    private func session(for key: KeyRecord, _ wish: VendOptions) async throws(VendError) -> Session {
        do throws(IssuerError) {
            return try await sessions.session(for: key, minLeft: wish.minLeft)
        } catch {
            switch error {
            case .unavailable(let cause): throw VendError(.awsUnavailable, to: key, cause: cause)
            case .refused(let cause): throw VendError(.roleRefused, to: key, cause: cause)
            }
        }
    }
}
