import BursarFoundation
import BursarModel
import Synchronization
import Testing

@testable import Vending

/// The restrictions of the server and of a key, where a vend is decided.
@Suite struct PolicyTests {
    private let clock = TestClock()
    private let directory = WatchedDirectory()
    private let issued: IssuedKey

    init() throws {
        issued = try IssuedKey()
    }

    private func put(_ terms: KeyRestrictions = KeyRestrictions()) throws {
        directory.put(try issued.record(version: 1, expires: TestClock.start.addingTimeInterval(86_400), terms: terms))
    }

    private func service(_ terms: ServerTerms = ServerTerms(), auditLog: any AuditLog = MemoryAuditLog())
        -> VendingService
    {
        let clock = clock
        return VendingService(
            terms: terms,
            directory: directory,
            auditLog: auditLog,
            issuer: ScriptedIssuer { call throws(IssuerError) in
                credentials(call, until: clock.now.addingTimeInterval(3600))
            },
            pool: HashingPool.started(width: 1),
            now: { clock.now }
        )
    }

    private func outcome(
        _ service: VendingService,
        from address: String = "192.0.2.1",
        key: String? = nil
    ) async -> Result<VendingService.VendResult, VendError> {
        let presented = key ?? issued.key.text.reveal()
        let caller = VendingService.Caller(key: presented, address: .address(address), requestID: "r1")
        do {
            return .success(try await service.vend(to: caller))
        } catch {
            return .failure(VendError(of: error))
        }
    }

    private func refusal(_ service: VendingService, from address: String = "192.0.2.1") async -> VendError? {
        if case .failure(let refusal) = await outcome(service, from: address) { refusal } else { nil }
    }

    @Test(arguments: ["198.51.100.1", "2001:db8::1"])
    func `an address outside the server's list is refused before its key is looked at`(_ address: String) async throws {
        try put()
        let terms = ServerTerms(allowed: try AddressList(parsing: "192.0.2.0/24"))
        let service = service(terms)
        #expect(await refusal(service, from: address)?.code == .addressRefused)
        #expect(directory.lookUps == 0)
    }

    @Test func `the key's list counts besides the server's, from the first request on and for each`() async throws {
        try put(KeyRestrictions(allowed: try AddressList(parsing: "192.0.2.0/28,2001:db8::/32")))
        let service = service()
        for _ in 0..<2 {
            #expect(await refusal(service, from: "192.0.2.16")?.code == .addressRefused)
            #expect(await refusal(service, from: "192.0.2.15") == nil)
            #expect(await refusal(service, from: "::ffff:192.0.2.15") == nil)
            #expect(await refusal(service, from: "2001:db8::5") == nil)
            #expect(await refusal(service, from: "2001:db9::5")?.code == .addressRefused)
        }
    }

    @Test func `everywhere lets IPv6 and mapped callers in`() async throws {
        try put()
        let service = service(ServerTerms(allowed: try AddressList(parsing: "0.0.0.0/0")))
        #expect(await refusal(service, from: "::ffff:203.0.113.1") == nil)
        #expect(await refusal(service, from: "2001:db8::1")?.code == .addressRefused)
        #expect(await refusal(self.service(), from: "2001:db8::1") == nil)
    }

    @Test func `a used-up quota says how many there are and how long until midnight in UTC`() async throws {
        try put(KeyRestrictions(dailyLimit: 10))
        let refusal = try #require(await refusal(service(auditLog: MemoryAuditLog(before: 10))))
        #expect(refusal.code == .quotaExhausted)
        #expect(refusal.limit == VendError.Limit(count: 10, reset: .seconds(75_355)))
    }

    @Test func `the server's daily limit is for keys that say nothing else`() async throws {
        try put()
        let terms = ServerTerms(dailyLimit: 7)
        #expect(await refusal(service(terms, auditLog: MemoryAuditLog(before: 7)))?.code == .quotaExhausted)
        try put(KeyRestrictions(dailyLimit: 8))
        let vended = try await outcome(service(terms, auditLog: MemoryAuditLog(before: 7))).get()
        #expect(vended.quota == QuotaStatus(limit: 8, used: 8, secondsToReset: 75_355))
    }

    @Test func `a quota that the commit finds used up is refused, and from then on without asking AWS`() async throws {
        try put(KeyRestrictions(dailyLimit: 10))
        let asked = Mutex(0)
        let auditLog = MemoryAuditLog { _ throws(AuditLogError) in
            asked.withLock { $0 += 1 }
            throw .quotaExhausted(DailyUsage(day: UTCDay(containing: TestClock.start), count: 10))
        }
        let service = service(auditLog: auditLog)
        for _ in 0..<3 { #expect(await refusal(service)?.code == .quotaExhausted) }
        #expect(asked.withLock { $0 } == 1)
        #expect(await refusal(service)?.limit?.count == 10)
    }

    @Test(arguments: [Int.min, -1, 0, 1_000_001, .max])
    func `a rate that can't be is none`(perSecond: Int) {
        #expect(RequestRate(perSecond: perSecond) == nil)
    }

    @Test func `a key that asks too often gets an error that says so, and others don't`() async throws {
        try put(KeyRestrictions(rate: RequestRate(perSecond: 1, burst: 2)))
        let other = try IssuedKey()
        directory.put(try other.record(version: 1, expires: TestClock.start.addingTimeInterval(86_400)))
        let service = service()
        var refused: [VendError] = []
        for _ in 0..<100 {
            if let refusal = await refusal(service) { refused.append(refusal) }
        }
        #expect(refused.count > 50)
        #expect(refused.allSatisfy { $0.code == .rateLimited && $0.limit?.count == 2 })
        guard case .success = await outcome(service, key: other.key.text.reveal()) else {
            Issue.record("the other key was refused")
            return
        }
    }

    @Test func `a request whose key changed under way counts once in its rate`() async throws {
        try put(KeyRestrictions(rate: RequestRate(perSecond: 1, burst: 1)))
        let once = Once()
        let auditLog = MemoryAuditLog { _ throws(AuditLogError) in
            if once.isFirst() { throw .keyChanged }
        }
        #expect(await refusal(service(auditLog: auditLog)) == nil)
    }

    @Test func `a key that keeps changing ends in a no that asks to come again`() async throws {
        try put()
        let auditLog = MemoryAuditLog { _ throws(AuditLogError) in throw .keyChanged }
        #expect(await refusal(service(auditLog: auditLog))?.code == .busy)
    }

    @Test func `a pause that the commit sees first is refused as such`() async throws {
        try put()
        let auditLog = MemoryAuditLog { _ throws(AuditLogError) in throw .paused }
        #expect(await refusal(service(auditLog: auditLog))?.code == .paused)
    }

    @Test func `a wrong secret is invalid, also for a key that is revoked or refused here`() async throws {
        let other = try IssuedKey()
        let record = try other.record(
            version: 1,
            expires: TestClock.start,
            revoked: TestClock.start,
            terms: KeyRestrictions(allowed: try AddressList(parsing: "10.0.0.0/8"))
        )
        directory.put(
            KeyRecord(
                id: issued.key.id,
                owner: record.owner,
                project: record.project,
                hash: other.hash,
                expires: record.expires,
                revoked: record.revoked,
                terms: record.terms,
                version: 1
            )
        )
        #expect(await refusal(service())?.code == .keyInvalid)
    }
}

/// A directory of one revision that counts look-ups.
private final class WatchedDirectory: KeyDirectory {
    private let records = Mutex<[KeyID: KeyRecord]>([:])
    private let count = Mutex(0)

    var lookUps: Int { count.withLock { $0 } }

    func put(_ record: KeyRecord) {
        records.withLock { $0[record.id] = record }
    }

    func key(_ id: KeyID) async throws -> (record: KeyRecord, revision: Int64)? {
        count.withLock { $0 += 1 }
        return records.withLock { $0[id].map { ($0, 1) } }
    }

    func changes(since known: Int64) async throws -> DirectoryChanges {
        DirectoryChanges(revision: 1, keys: [], isPaused: false)
    }
}
