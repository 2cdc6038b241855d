package import BursarCore

/// Proves that a presented key is one of ours, and which.
package final class KeyVerifier: Sendable {
    private let directory: any KeyDirectory
    private let pool: HashingPool
    private let failures: FailedAttempts
    private let remembered: VerifiedKeys
    private let flights = VerificationFlights()

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
    package func verify(_ presented: String?, from address: IPAddress) async throws(Refusal) -> Proof {
        guard let presented, !presented.isEmpty else { throw Refusal(.keyMissing) }
        let key: ResearcherKey
        do {
            key = try ResearcherKey(parsing: presented)
        } catch {
            throw Refusal(.keyMalformed, cause: error == .mistyped ? "checksum differs" : "not the form of a key")
        }
        let tag = remembered.tag(of: key)
        if let proof = recall(key, tag) { return proof }
        return try await flights.join(tag) { [self] () async throws(Refusal) in
            // Once more: another's flight may have landed since.
            if let proof = recall(key, tag) { return proof }
            return try await prove(key, tag, from: address.neighbourhood)
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
        from neighbourhood: CIDRBlock
    ) async throws(Refusal) -> Proof {
        let found = try await find(key.id)
        do {
            let delay = failures.delay(for: neighbourhood)
            if delay > .zero { try await Task.sleep(for: delay) }
            let failed = failures.count(for: neighbourhood)
            guard try await pool.verify(key, against: found.record.hash, from: neighbourhood, after: failed) else {
                failures.fail(neighbourhood)
                throw Refusal(.keyInvalid, .unproven(key.id), cause: "wrong secret")
            }
            guard !found.record.isCanary else {
                // As slow as a wrong secret, and never remembered, so that its finder can't tell it from one.
                failures.fail(neighbourhood)
                throw Refusal(.keyInvalid, .canary(key.id, found.record.researcher), cause: "a canary was used")
            }
        } catch let refusal as Refusal {
            throw refusal
        } catch let code as RefusalCode {
            throw Refusal(code, .unproven(key.id), cause: "the hashing queue is full")
        } catch {
            throw Refusal(.internal, .unproven(key.id), cause: "\(error)")
        }
        remembered.remember(tag, as: found.record, readAt: found.revision)
        return Proof(record: found.record, revision: found.revision)
    }

    private func find(_ id: KeyID) async throws(Refusal) -> (record: KeyRecord, revision: Int64) {
        let found: (record: KeyRecord, revision: Int64)?
        do {
            found = try await directory.key(id)
        } catch is UnreadableKey {
            throw Refusal(.internal, .unproven(id), cause: "the key's row can't be read")
        } catch {
            throw Refusal(.notRecorded, .nobody, cause: "reading the key: \(error)")
        }
        guard let found else { throw Refusal(.keyInvalid, .unknown(id), cause: "unknown id") }
        return found
    }
}
