package import BursarModel
import Synchronization

/// Proves that a presented key is one of Bursar's, and which.
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

    /// A key whose secret proved right, with the directory revision at which its row was last known to be current.
    package struct Proof: Sendable {
        package let record: KeyRecord
        package let revision: Int64
    }

    /// Verifies `presented`, from memory if it was proved since its row last changed; requests with the same key at
    /// the same time share one hash.
    ///
    /// The proof does not mean that the key may still be used: ``KeyRecord/refusal(at:)`` decides that, so that only a
    /// holder of the secret learns "revoked" and "expired". Unknown ids are never hashed, since ids are public.
    ///
    /// - Throws: ``VendError``, or `CancellationError` if the caller's task was cancelled while it waited.
    package func verify(_ presented: String?, from address: IPAddress) async throws -> Proof {
        guard let presented, !presented.isEmpty else { throw VendError(.keyMissing) }
        let key: ResearcherKey
        do {
            key = try ResearcherKey(parsing: presented)
        } catch {
            throw VendError(.keyMalformed, cause: error == .mistyped ? "checksum differs" : "not the form of a key")
        }
        let tag = remembered.tag(of: key)
        if let proof = recall(key, tag) { return proof }
        return try await flights.join(tag) { [self] in
            // Once more: another request's verification may have finished since.
            if let proof = recall(key, tag) { return proof }
            return try await prove(key, tag, from: address.clientNetwork)
        }
    }

    /// Forgets `keys`, whose rows have changed.
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
    ) async throws -> Proof {
        let found = try await find(key.id)
        let delay = failures.delay(for: clientNetwork)
        if delay > .zero { try await Task.sleep(for: delay) }
        guard try await matches(key, found.record.hash, from: clientNetwork) else {
            failures.fail(clientNetwork)
            throw VendError(.keyInvalid, .unproven(key.id), cause: "wrong secret")
        }
        guard !found.record.isCanary else {
            // As slow as a wrong secret, and never remembered, so that its finder can't tell it from one.
            failures.fail(clientNetwork)
            throw VendError(.keyInvalid, .canary(key.id, found.record.researcher), cause: "a canary was used")
        }
        remembered.remember(tag, as: found.record, readAt: found.revision)
        return Proof(record: found.record, revision: found.revision)
    }

    private func matches(
        _ key: ResearcherKey,
        _ hash: PasswordHash,
        from clientNetwork: CIDRBlock
    ) async throws -> Bool {
        do {
            let failed = failures.count(for: clientNetwork)
            return try await pool.verify(key, against: hash, from: clientNetwork, after: failed)
        } catch let code as ErrorCode {
            throw VendError(code, .unproven(key.id), cause: "the hashing queue is full")
        } catch let error as Argon2Error {
            throw VendError(.internal, .unproven(key.id), cause: "\(error)")
        }
    }

    private func find(_ id: KeyID) async throws -> (record: KeyRecord, revision: Int64) {
        let found: (record: KeyRecord, revision: Int64)?
        do {
            found = try await directory.key(id)
        } catch is UnreadableKeyError {
            throw VendError(.internal, .unproven(id), cause: "the key's row can't be read")
        } catch let cancellation as CancellationError {
            throw cancellation
        } catch {
            throw VendError(.notRecorded, .nobody, cause: "reading the key: \(error)")
        }
        guard let found else { throw VendError(.keyInvalid, .unknown(id), cause: "unknown id") }
        return found
    }
}

/// Verifications under way, so that requests with the same key share one.
///
/// A verification is cancelled as soon as the last of its callers is.
private final class InFlightVerifications: Sendable {
    typealias Outcome = Result<KeyVerifier.Proof, any Error>

    private struct Flight {
        let number: UInt64
        let task: Task<Outcome, Never>
        var waiting: Int
    }

    private struct State {
        var flights: [VerifiedKeys.Tag: Flight] = [:]
        var started: UInt64 = 0
    }

    private let state = Mutex(State())

    func join(
        _ tag: VerifiedKeys.Tag,
        _ verify: @escaping @Sendable () async throws -> KeyVerifier.Proof
    ) async throws -> KeyVerifier.Proof {
        let (number, task) = state.withLock { state in
            if var flight = state.flights[tag] {
                flight.waiting += 1
                state.flights[tag] = flight
                return (flight.number, flight.task)
            }
            state.started += 1
            let number = state.started
            let task = Task<Outcome, Never> {
                let outcome: Outcome
                do {
                    outcome = .success(try await verify())
                } catch {
                    outcome = .failure(error)
                }
                end(tag, number)
                return outcome
            }
            state.flights[tag] = Flight(number: number, task: task, waiting: 1)
            return (number, task)
        }
        let outcome = await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            leave(tag, number)
        }
        return try outcome.get()
    }

    private func end(_ tag: VerifiedKeys.Tag, _ number: UInt64) {
        state.withLock { state in
            if state.flights[tag]?.number == number { state.flights[tag] = nil }
        }
    }

    private func leave(_ tag: VerifiedKeys.Tag, _ number: UInt64) {
        let abandoned = state.withLock { state -> Task<Outcome, Never>? in
            guard var flight = state.flights[tag], flight.number == number else { return nil }
            flight.waiting -= 1
            state.flights[tag] = flight.waiting == 0 ? nil : flight
            return flight.waiting == 0 ? flight.task : nil
        }
        abandoned?.cancel()
    }
}

/// Wrong secrets per client network: a network that sends many waits longer before its next key is verified.
///
/// The delay touches only keys that haven't proved right yet, not other keys behind the same address. Past `capacity`
/// networks, the older half is forgotten.
final class FailedAttempts: Sendable {
    private struct Entry {
        var count: Int
        var last: ContinuousClock.Instant
    }

    /// Wrong secrets that cost nothing.
    private static let free = 3
    private static let longest = Duration.seconds(1)
    /// The time after which a network starts again from zero.
    private static let memory = Duration.seconds(600)

    private let capacity: Int
    private let clock = ContinuousClock()
    private let entries = Mutex<[CIDRBlock: Entry]>([:])

    init(capacity: Int = 20_000) {
        self.capacity = capacity
    }

    /// Wrong secrets of the last ten minutes.
    func count(for clientNetwork: CIDRBlock) -> Int {
        let entry = entries.withLock { $0[clientNetwork] }
        guard let entry, clock.now - entry.last < Self.memory else { return 0 }
        return entry.count
    }

    /// 100 ms after the fourth wrong secret, then twice as long each time, up to a second.
    func delay(for clientNetwork: CIDRBlock) -> Duration {
        let count = count(for: clientNetwork)
        guard count > Self.free else { return .zero }
        return min(.milliseconds(100) * (1 << min(count - Self.free - 1, 4)), Self.longest)
    }

    func fail(_ clientNetwork: CIDRBlock) {
        let now = clock.now
        entries.withLock { entries in
            let isKnown = entries[clientNetwork].map { now - $0.last < Self.memory } == true
            if !isKnown, entries.count >= capacity { Self.makeRoom(in: &entries) }
            entries[clientNetwork] = Entry(count: isKnown ? (entries[clientNetwork]?.count ?? 0) + 1 : 1, last: now)
        }
    }

    /// Drops the older half at once, so that a flood of addresses doesn't search for the oldest each time.
    private static func makeRoom(in entries: inout [CIDRBlock: Entry]) {
        let times = entries.values.map(\.last).sorted()
        let middle = times[times.count / 2]
        entries = entries.filter { $1.last > middle }
    }
}
