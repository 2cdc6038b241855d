import BursarFoundation
import BursarModel
import Dispatch
import Synchronization
import Testing
import Vending

@Suite struct KeyVerifierTests {
    private let directory = MemoryDirectory()
    private let issued: IssuedKey
    private let end = Date(timeIntervalSince1970: 2_000_000_000)

    init() throws {
        issued = try IssuedKey()
    }

    private func verifier() -> KeyVerifier {
        KeyVerifier(directory: directory, pool: HashingPool.started(width: 1))
    }

    private func code(_ presented: String?, _ verifier: KeyVerifier? = nil) async -> ErrorCode? {
        do {
            _ = try await (verifier ?? self.verifier()).verify(presented, from: .test)
            return nil
        } catch {
            return VendError(of: error).code
        }
    }

    @Test func `the right secret proves the key`() async throws {
        let record = try issued.record(version: 2, expires: end)
        directory.put { _ in record }
        let proof = try await verifier().verify(issued.key.text.reveal(), from: .test)
        #expect(proof.record.id == issued.key.id)
    }

    @Test func `no key, an empty one and a malformed one have errors of their own`() async {
        #expect(await code(nil) == .keyMissing)
        #expect(await code("") == .keyMissing)
        #expect(await code("hello") == .keyMalformed)
        #expect(await code(String(issued.key.text.reveal().dropLast()) + "!") == .keyMalformed)
    }

    @Test func `an unknown id is invalid`() async {
        #expect(await code(issued.key.text.reveal()) == .keyInvalid)
    }

    @Test func `another secret under a known id is invalid, also after the right one was remembered`() async throws {
        let other = try IssuedKey()
        let record = try issued.record(version: 2, expires: end)
        directory.put { _ in record }
        let forged = KeyRecord(
            id: other.key.id,
            owner: record.owner,
            project: record.project,
            hash: issued.hash,
            expires: end,
            revoked: nil,
            version: 3
        )
        directory.put { _ in forged }
        let verifier = verifier()
        #expect(await code(issued.key.text.reveal(), verifier) == nil)
        #expect(await code(other.key.text.reveal(), verifier) == .keyInvalid)
    }

    @Test func `a remembered key is forgotten when its row changes`() async throws {
        let before = try issued.record(version: 2, expires: end)
        let after = try issued.record(version: 3, expires: end, revoked: Date(timeIntervalSince1970: 0))
        directory.put { _ in before }
        let verifier = verifier()
        #expect(try await verifier.verify(issued.key.text.reveal(), from: .test).record.revoked == nil)
        directory.put { _ in after }
        verifier.forget([issued.key.id], revision: 3)
        #expect(try await verifier.verify(issued.key.text.reveal(), from: .test).record.revoked != nil)
    }

    /// Holds the thread that hashes while it is shut.
    private final class Gate: Sendable {
        private let isShut = Mutex(false)
        private let opened = DispatchSemaphore(value: 0)
        let isReached = Mutex(false)
        let returned = Mutex(0)

        func shut() { isShut.withLock { $0 = true } }

        func open() {
            isShut.withLock { $0 = false }
            opened.signal()
        }

        func pass() {
            guard isShut.withLock({ $0 }) else { return }
            isReached.withLock { $0 = true }
            opened.wait()
        }
    }

    /// A key of the right id and form.
    private func wrongKey(_ number: Int) -> String {
        let digits = String(number)
        let body =
            issued.key.text.reveal().prefix(20) + String(repeating: "0", count: 43 - digits.utf8.count) + digits
        let check = CRC32.checksum(body.utf8)
        let bytes = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: check >> $0) }
        return body + Base62.encode(bytes, length: 6)
    }

    @Test func `sixteen addresses that guess keep nobody from proving the key for the first time`() async throws {
        let record = try issued.record(version: 2, expires: end)
        let other = try IssuedKey()
        let otherRecord = try other.record(version: 3, expires: end)
        directory.put { _ in record }
        directory.put { _ in otherRecord }
        let gate = Gate()
        let pool = HashingPool.started(width: 1, hashed: { _ in gate.pass() })
        let verifier = KeyVerifier(directory: directory, pool: pool)
        @Sendable func code(_ key: String, from address: String) async -> ErrorCode? {
            defer { gate.returned.withLock { $0 += 1 } }
            do {
                _ = try await verifier.verify(key, from: .address(address))
                return nil
            } catch {
                return VendError(of: error).code
            }
        }
        for number in 1...16 { #expect(await code(wrongKey(number), from: "198.51.100.\(number)") == .keyInvalid) }
        gate.shut()
        gate.returned.withLock { $0 = 0 }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { #expect(await code(other.key.text.reveal(), from: "203.0.113.1") == nil) }
            while !gate.isReached.withLock({ $0 }) { await Task.yield() }
            for number in 1...16 {
                let key = wrongKey(100 + number)
                group.addTask { _ = await code(key, from: "198.51.100.\(number)") }
            }
            while pool.waiting < 16 { await Task.yield() }
            group.addTask { [issued] in #expect(await code(issued.key.text.reveal(), from: "192.0.2.1") == nil) }
            // One of them has no place: who was there, or who came.
            while gate.returned.withLock({ $0 }) == 0 { await Task.yield() }
            gate.open()
        }
    }
}
