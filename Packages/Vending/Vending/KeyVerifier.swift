package import BursarCore

/// Proves that a presented key is one of ours, and which.
package final class KeyVerifier: Sendable {
    private let directory: any KeyDirectory
    private let pool: HashingPool
    private let remembered: VerifiedKeys

    package init(directory: any KeyDirectory, pool: HashingPool, capacity: Int = 10_000) {
        self.directory = directory
        self.pool = pool
        remembered = VerifiedKeys(capacity: capacity)
    }

    /// A key whose secret proved right, with the directory's revision up to which its row is current.
    package struct Proof: Sendable {
        package let record: KeyRecord
        package let revision: Int64
    }

    /// Verifies `presented`, from memory when it was proved since its row last changed.
    ///
    /// Says nothing about whether the key may still be used: ``KeyRecord/refusal(at:)`` does, so that "revoked" and
    /// "expired" are told only to whoever holds the secret. Unknown ids are never hashed, since ids are public.
    package func verify(_ presented: String?, from address: String) async throws(Refusal) -> Proof {
        guard let presented, !presented.isEmpty else { throw Refusal(.keyMissing) }
        let key: ResearcherKey
        do {
            key = try ResearcherKey(parsing: presented)
        } catch {
            throw Refusal(.keyMalformed, cause: error == .mistyped ? "checksum differs" : "not the form of a key")
        }
        if let known = remembered.record(of: key) {
            return Proof(record: known.record, revision: known.revision)
        }
        return try await prove(key, from: address)
    }

    /// Forgets `keys`: their rows have changed.
    package func forget(_ keys: [KeyID], revision: Int64) {
        remembered.forget(keys, revision: revision)
    }

    private func prove(_ key: ResearcherKey, from address: String) async throws(Refusal) -> Proof {
        let found: (record: KeyRecord, revision: Int64)?
        do {
            found = try await directory.key(key.id)
        } catch is UnreadableKey {
            throw Refusal(.internal, keyID: key.id, cause: "the key's row can't be read")
        } catch {
            throw Refusal(.notRecorded, keyID: key.id, cause: "reading the key: \(error)")
        }
        guard let found else { throw Refusal(.keyInvalid, keyID: key.id, cause: "unknown id") }
        do {
            guard try await pool.verify(key, against: found.record.hash, from: address) else {
                throw Refusal(.keyInvalid, keyID: key.id, cause: "wrong secret")
            }
        } catch let refusal as Refusal {
            throw refusal
        } catch let code as RefusalCode {
            throw Refusal(code, keyID: key.id, cause: "the hashing queue is full")
        } catch {
            throw Refusal(.internal, keyID: key.id, cause: "\(error)")
        }
        remembered.remember(key, as: found.record, readAt: found.revision)
        return Proof(record: found.record, revision: found.revision)
    }
}
