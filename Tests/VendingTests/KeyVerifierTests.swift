import BursarCore
import FoundationEssentials
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
        KeyVerifier(directory: directory, pool: HashingPool(width: 1))
    }

    private func code(_ presented: String?, _ verifier: KeyVerifier? = nil) async -> RefusalCode? {
        do throws(Refusal) {
            _ = try await (verifier ?? self.verifier()).verify(presented, from: .test)
            return nil
        } catch {
            return error.code
        }
    }

    @Test func `the right secret proves the key`() async throws {
        let record = try issued.record(version: 2, expires: end)
        directory.put { _ in record }
        let proof = try await verifier().verify(issued.key.text.reveal(), from: .test)
        #expect(proof.record.id == issued.key.id)
    }

    @Test func `no key, an empty one and a malformed one are told apart`() async {
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
}
