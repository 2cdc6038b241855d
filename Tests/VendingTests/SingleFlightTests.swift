import BursarFoundation
import BursarModel
import Synchronization
import Testing
import Vending

/// Requests that present one key at one time, and those whose callers leave.
@Suite struct SingleFlightTests {
    private let issued: IssuedKey
    private let directory: CountingDirectory

    init() throws {
        issued = try IssuedKey()
        directory = CountingDirectory(
            try issued.record(version: 1, expires: Date(timeIntervalSince1970: 2_000_000_000))
        )
    }

    private var key: String { issued.key.text.reveal() }

    @Test func `fifty requests with one key look it up and hash it once`() async throws {
        let verifier = KeyVerifier(directory: directory, pool: HashingPool.started(width: 4))
        let proofs = try await withThrowingTaskGroup(of: KeyVerifier.Proof.self) { group in
            for number in 0..<50 {
                group.addTask { try await verifier.verify(key, from: .address("192.0.2.\(number)")) }
            }
            directory.gate.open()
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(proofs.count == 50)
        #expect(directory.lookUps == 1)
        _ = try await verifier.verify(key, from: .test)
        #expect(directory.lookUps == 1)
    }

    @Test func `requests that overlap in whatever way look it up once`() async throws {
        directory.gate.open()
        for round in 1...300 {
            let verifier = KeyVerifier(directory: directory, pool: HashingPool.started(width: 4))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 { group.addTask { _ = try await verifier.verify(key, from: .test) } }
                try await group.waitForAll()
            }
            #expect(directory.lookUps == round)
        }
    }

    @Test func `a caller who leaves doesn't end it for who stays`() async throws {
        let verifier = KeyVerifier(directory: directory, pool: HashingPool.started(width: 1))
        let staying = Task { try await verifier.verify(key, from: .test) }
        while directory.lookUps == 0 { await Task.yield() }
        let leaving = (0..<10).map { _ in Task { try await verifier.verify(key, from: .test) } }
        for caller in leaving { caller.cancel() }
        directory.gate.open()
        #expect(try await staying.value.record.id == issued.key.id)
        for caller in leaving { _ = await caller.result }
        #expect(directory.lookUps == 1)
    }

    @Test func `a caller who leaves gets the cancellation, not a refusal, and frees the place in the queue`()
        async throws
    {
        directory.gate.open()
        let verifier = KeyVerifier(directory: directory, pool: HashingPool.started(width: 0, depth: 1))
        for _ in 0..<20 {
            let caller = Task { try await verifier.verify(key, from: .test) }
            while directory.lookUps == 0 { await Task.yield() }
            caller.cancel()
            await #expect(throws: CancellationError.self) { try await caller.value }
        }
    }

    @Test func `a full queue says busy, and nobody's key is invalid for it`() async throws {
        directory.gate.open()
        let verifier = KeyVerifier(directory: directory, pool: HashingPool.started(width: 1, depth: 0))
        do {
            _ = try await verifier.verify(key, from: .test)
            Issue.record("there was no room")
        } catch {
            #expect(VendError(of: error).code == .busy)
            #expect(VendError(of: error).subject == .unproven(issued.key.id))
        }
    }

    @Test func `a remembered key is proved without a look-up, a hash or a queue`() async throws {
        directory.gate.open()
        let pool = HashingPool.started(width: 1, depth: 1)
        let verifier = KeyVerifier(directory: directory, pool: pool)
        _ = try await verifier.verify(key, from: .test)
        for _ in 0..<1000 { _ = try await verifier.verify(key, from: .address("203.0.113.1")) }
        #expect(directory.lookUps == 1)
    }

    @Test func `a key is remembered until others push it out`() async throws {
        directory.gate.open()
        let verifier = KeyVerifier(directory: directory, pool: HashingPool.started(width: 1), capacity: 1)
        let other = try IssuedKey()
        directory.add(try other.record(version: 1, expires: Date(timeIntervalSince1970: 2_000_000_000)))
        for _ in 0..<2 {
            _ = try await verifier.verify(key, from: .test)
            _ = try await verifier.verify(other.key.text.reveal(), from: .test)
        }
        #expect(directory.lookUps == 4)
    }
}

/// A directory whose look-ups wait for a gate and are counted.
private final class CountingDirectory: KeyDirectory {
    let gate = Gate()
    private let records: Mutex<[KeyID: KeyRecord]>
    private let count = Mutex(0)

    init(_ record: KeyRecord) {
        records = Mutex([record.id: record])
    }

    var lookUps: Int { count.withLock { $0 } }

    func add(_ record: KeyRecord) {
        records.withLock { $0[record.id] = record }
    }

    func key(_ id: KeyID) async throws -> (record: KeyRecord, revision: Int64)? {
        count.withLock { $0 += 1 }
        await gate.wait()
        return records.withLock { $0[id].map { ($0, 1) } }
    }

    func changes(since known: Int64) async throws -> DirectoryChanges {
        DirectoryChanges(revision: 1, keys: [], isPaused: false)
    }
}
