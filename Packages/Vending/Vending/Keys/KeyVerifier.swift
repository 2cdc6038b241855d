package import BursarModel

/// Proves that a presented key is one of ours, and which.
package final class KeyVerifier: Sendable {
    private let directory: any KeyDirectory
    private let pool: HashingPool
    private let failures: FailedAttempts
    private let remembered: VerifiedKeys
    private let flights = InFlightVerifications()

    package init(directory: any KeyDirectory, pool: HashingPool, capacity: Int = 10_000) {
        self.directory = directory
        self.pool = pool
        failures = FailedAttempts()
        remembered = VerifiedKeys(capacity: capacity)
    }

    /// A key whose secret proved right, with the directory's revision up to which its row is current.
    package struct Proof: Sendable {
        package let record: KeyRecord
        package let revision: Int64
    }

    /// Verifies `presented`, from memory when it was proved since its row last changed; requests with the same key at
    /// the same time share one hash.
    ///
    /// Says nothing about whether the key may still be used: ``KeyRecord/refusal(at:)`` does, so that "revoked" and
    /// "expired" are told only to whoever holds the secret. Unknown ids are never hashed, since ids are public.
    package func verify(_ presented: String?, from address: IPAddress) async throws(VendError) -> Proof {
        guard let presented, !presented.isEmpty else { throw VendError(.keyMissing) }
        let key: ResearcherKey
        do {
            key = try ResearcherKey(parsing: presented)
        } catch {
            throw VendError(.keyMalformed, cause: error == .mistyped ? "checksum differs" : "not the form of a key")
        }
        let tag = remembered.tag(of: key)
        if let proof = recall(key, tag) { return proof }
        return try await flights.join(tag) { [self] () async throws(VendError) in
            // Once more: another's flight may have landed since.
            if let proof = recall(key, tag) { return proof }
            return try await prove(key, tag, from: address.clientNetwork)
        }
    }

    /// Forgets `keys`: their rows have changed.
    package func forget(_ keys: [KeyID], revision: Int64) {
        remembered.forget(keys, revision: revision)
    }

    private func recall(_ key: ResearcherKey, _ tag: VerifiedKeys.Tag) -> Proof? {
        remembered.record(of: key, tag).map { Proof(record: $0.record, revision: $0.revision) }
    }

    private func prove(
        _ key: ResearcherKey,
        _ tag: VerifiedKeys.Tag,
        from clientNetwork: CIDRBlock
    ) async throws(VendError) -> Proof {
        let found = try await find(key.id)
        do {
            let delay = failures.delay(for: clientNetwork)
            if delay > .zero { try await Task.sleep(for: delay) }
            let failed = failures.count(for: clientNetwork)
            guard try await pool.verify(key, against: found.record.hash, from: clientNetwork, after: failed) else {
                failures.fail(clientNetwork)
                throw VendError(.keyInvalid, .unproven(key.id), cause: "wrong secret")
            }
            guard !found.record.isCanary else {
                // As slow as a wrong secret, and never remembered, so that its finder can't tell it from one.
                failures.fail(clientNetwork)
                throw VendError(.keyInvalid, .canary(key.id, found.record.researcher), cause: "a canary was used")
            }
        } catch let refusal as VendError {
            throw refusal
        } catch let code as ErrorCode {
            throw VendError(code, .unproven(key.id), cause: "the hashing queue is full")
        } catch {
            throw VendError(.internal, .unproven(key.id), cause: "\(error)")
        }
        remembered.remember(tag, as: found.record, readAt: found.revision)
        return Proof(record: found.record, revision: found.revision)
    }

    private func find(_ id: KeyID) async throws(VendError) -> (record: KeyRecord, revision: Int64) {
        let found: (record: KeyRecord, revision: Int64)?
        do {
            found = try await directory.key(id)
        } catch is UnreadableKeyError {
            throw VendError(.internal, .unproven(id), cause: "the key's row can't be read")
        } catch {
            throw VendError(.notRecorded, .nobody, cause: "reading the key: \(error)")
        }
        guard let found else { throw VendError(.keyInvalid, .unknown(id), cause: "unknown id") }
        return found
    }
}
