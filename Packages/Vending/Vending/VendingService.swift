package import BursarCore

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// The decision, start to end: who may have credentials now, and is it written down.
package struct VendingService: Sendable {
    package let verifier: KeyVerifier
    package let sessions: Sessions
    package let ledger: any Ledger
    package let watch: DirectoryWatch
    package let now: @Sendable () -> Date

    package init(
        directory: any KeyDirectory,
        ledger: any Ledger,
        issuer: any CredentialIssuer,
        duration: SessionDuration,
        pool: HashingPool,
        patience: Duration = .seconds(1),
        now: @escaping @Sendable () -> Date
    ) {
        let verifier = KeyVerifier(directory: directory, pool: pool)
        let sessions = Sessions(issuer: issuer, duration: duration, now: now)
        self.verifier = verifier
        self.sessions = sessions
        self.ledger = ledger
        self.now = now
        watch = DirectoryWatch(directory: directory, patience: patience) { keys, revision in
            verifier.forget(keys, revision: revision)
            sessions.forget(keys)
        }
    }

    /// A caller, as the server sees it.
    package struct Caller: Sendable {
        package let key: String?
        package let address: String
        package let requestID: String

        package init(key: String?, address: String, requestID: String) {
            self.key = key
            self.address = address
            self.requestID = requestID
        }
    }

    /// Proves the key and that it may be used now.
    ///
    /// What is remembered counts only while it is known to be current; on a machine too busy to have looked lately,
    /// the request looks itself.
    package func identify(_ caller: Caller) async throws(Refusal) -> KeyVerifier.Proof {
        if !watch.isCurrent {
            do {
                try await watch.refresh()
            } catch {
                throw Refusal(.notRecorded, cause: "reading what changed: \(error)")
            }
        }
        let proof = try await verifier.verify(caller.key, from: caller.address)
        if let code = proof.record.refusal(at: now()) {
            throw Refusal(code, keyID: proof.record.id)
        }
        return proof
    }

    /// Credentials for the caller, recorded before they are returned.
    ///
    /// A vend whose key changed while it was under way is refused by the ledger; it is decided once more from the
    /// changed row, which gives the reason.
    package func vend(to caller: Caller) async throws(Refusal) -> Session {
        if let session = try await attempt(caller) { return session }
        if let session = try await attempt(caller) { return session }
        throw Refusal(.busy, cause: "the key keeps changing")
    }

    /// One decision and its record; nil when the key changed between the two.
    private func attempt(_ caller: Caller) async throws(Refusal) -> Session? {
        let proof = try await identify(caller)
        let key = proof.record
        let session = try await session(for: key)
        let vend = Vend(
            key: key.id,
            keyVersion: key.version,
            revision: proof.revision,
            keyExpires: key.expires,
            researcher: key.researcher,
            address: caller.address,
            accessKeyID: session.credentials.accessKeyID,
            expiration: session.credentials.expiration,
            requestID: caller.requestID
        )
        do throws(LedgerRefusal) {
            try await ledger.record(vend)
            return session
        } catch {
            switch error {
            case .keyChanged:
                verifier.forget([key.id], revision: proof.revision)
                return nil
            case .unavailable(let cause): throw Refusal(.notRecorded, keyID: key.id, cause: cause)
            }
        }
    }

    private func session(for key: KeyRecord) async throws(Refusal) -> Session {
        do throws(IssueFailure) {
            return try await sessions.session(for: key)
        } catch {
            switch error {
            case .unavailable(let cause): throw Refusal(.awsUnavailable, keyID: key.id, cause: cause)
            case .refused(let cause): throw Refusal(.roleRefused, keyID: key.id, cause: cause)
            }
        }
    }
}
