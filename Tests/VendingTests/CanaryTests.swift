import BursarFoundation
import BursarModel
import Testing
import Vending

/// A key that was made to be found.
@Suite struct CanaryTests {
    private let directory = MemoryDirectory()
    private let issued: IssuedKey
    private let ada: Handle

    init() throws {
        issued = try IssuedKey()
        ada = try #require(Handle("ada"))
        let record = KeyRecord(
            id: issued.key.id,
            owner: ResearcherStatus(handle: ada),
            project: "engines",
            hash: issued.hash,
            expires: Date(timeIntervalSince1970: 2_000_000_000),
            revoked: nil,
            isCanary: true,
            version: 2
        )
        directory.put { _ in record }
    }

    private func refusal(_ presented: String, _ verifier: KeyVerifier) async -> VendError? {
        do {
            _ = try await verifier.verify(presented, from: .test)
            return nil
        } catch {
            return VendError(of: error)
        }
    }

    @Test func `it is refused as a wrong key, each time after a hash`() async {
        let pool = HashingPool.started(width: 1)
        let verifier = KeyVerifier(directory: directory, pool: pool)
        for _ in 1...2 {
            let refusal = await refusal(issued.key.text.reveal(), verifier)
            #expect(refusal?.code == .keyInvalid)
            #expect(refusal?.subject == .canary(issued.key.id, ada))
        }
    }

    @Test func `a wrong secret with its id is no alarm`() async throws {
        let other = try IssuedKey()
        let forged = KeyRecord(
            id: other.key.id,
            owner: ResearcherStatus(handle: ada),
            project: "engines",
            hash: issued.hash,
            expires: Date(timeIntervalSince1970: 2_000_000_000),
            revoked: nil,
            isCanary: true,
            version: 3
        )
        directory.put { _ in forged }
        let verifier = KeyVerifier(directory: directory, pool: HashingPool.started(width: 1))
        #expect(await refusal(other.key.text.reveal(), verifier)?.subject == .unproven(other.key.id))
    }

    @Test(arguments: [true, false])
    func `its row refuses by itself too, whatever else is wrong with it`(isRevoked: Bool) {
        let record = KeyRecord(
            id: issued.key.id,
            owner: ResearcherStatus(handle: ada, disabled: .distantPast),
            project: "engines",
            hash: issued.hash,
            expires: .distantPast,
            revoked: isRevoked ? .distantPast : nil,
            isCanary: true,
            version: 2
        )
        #expect(record.refusal(at: TestClock.start) == .keyInvalid)
    }

    @Test func `its first use an hour is kept in full, and all are counted apart from wrong keys`() throws {
        let tally = RefusalTally()
        for _ in 1...5 {
            let refusal = VendError(.keyInvalid, .canary(issued.key.id, ada))
            tally.note(refusal, from: .test, requestID: "r", at: TestClock.start)
        }
        tally.note(VendError(.keyInvalid, .unproven(issued.key.id)), from: .test, requestID: "r", at: TestClock.start)
        let batch = try #require(tally.take())
        #expect(batch.entries.map(\.isCanary) == [true])
        let outcomes = Dictionary(uniqueKeysWithValues: batch.counts.map { ($0.key.outcome, $0.value.count) })
        #expect(outcomes == ["canary_used": 5, "key_invalid": 1])
    }
}
