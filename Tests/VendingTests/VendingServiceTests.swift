import BursarFoundation
import BursarModel
import TestSupport
import Testing
import Vending

@Suite struct VendingServiceTests {
    private let clock = TestClock()
    private let directory = MemoryDirectory()
    private let issued: IssuedKey

    init() throws {
        issued = try IssuedKey()
    }

    private func service(
        auditLog: any AuditLog,
        issuer: ScriptedIssuer? = nil,
        timeout: Duration = Waiting.limit
    ) -> VendingService {
        let clock = clock
        let hourly = ScriptedIssuer { call throws(IssuerError) in
            credentials(call, until: clock.now.addingTimeInterval(3600))
        }
        return VendingService(
            directory: directory,
            auditLog: auditLog,
            issuer: issuer ?? hourly,
            pool: HashingPool.started(width: 1),
            timeout: timeout,
            now: { clock.now }
        )
    }

    private func put(
        life: TimeInterval = 86_400,
        revoked: Date? = nil,
        disabled: Date? = nil,
        ends: Date? = nil,
        terms: KeyRestrictions = KeyRestrictions()
    ) throws {
        let expires = clock.now.addingTimeInterval(life)
        try directory.put { version in
            try issued.record(
                version: version,
                expires: expires,
                revoked: revoked,
                disabled: disabled,
                ends: ends,
                terms: terms
            )
        }
    }

    private var caller: VendingService.Caller {
        .init(key: issued.key.text.reveal(), address: .test, requestID: "r1")
    }

    private func refusal(of service: VendingService) async throws -> ErrorCode? {
        do {
            _ = try await service.vend(to: caller)
            return nil
        } catch {
            return VendError(of: error).code
        }
    }

    /// A log whose reads are cancelled with the caller's task, as the database's are.
    private struct CancelledLog: AuditLog {
        func record(_ vend: Vend) async throws(AuditLogError) -> DailyUsage { throw .unavailable(cause: "not reached") }

        func use(of key: KeyID, on day: UTCDay) async throws -> DailyUsage { throw CancellationError() }
    }

    @Test func `a caller who leaves while the quota is read gets the cancellation, not a refusal`() async throws {
        try put()
        await #expect(throws: CancellationError.self) { try await service(auditLog: CancelledLog()).vend(to: caller) }
    }

    @Test func `a vend is recorded with who, from where and what`() async throws {
        try put()
        let auditLog = MemoryAuditLog()
        let service = service(auditLog: auditLog)
        let session = try await service.vend(to: caller).session
        let vend = try #require(auditLog.recorded.first)
        #expect(auditLog.recorded.count == 1)
        #expect(vend.key.researcher.description == "ada")
        #expect(vend.address == .test)
        #expect(vend.requestID == "r1")
        #expect(vend.accessKeyID == session.credentials.accessKeyID)
        #expect(vend.expiration == session.credentials.expiration)
    }

    @Test func `a revoked, an expired and a disabled key are refused by name`() async throws {
        try put(revoked: clock.now)
        #expect(try await refusal(of: service(auditLog: MemoryAuditLog())) == .keyRevoked)
        try put(life: 0)
        #expect(try await refusal(of: service(auditLog: MemoryAuditLog())) == .keyExpired)
        try put(disabled: clock.now)
        #expect(try await refusal(of: service(auditLog: MemoryAuditLog())) == .researcherDisabled)
    }

    @Test func `nothing is handed out when it can't be recorded`() async throws {
        try put()
        let auditLog = MemoryAuditLog { _ throws(AuditLogError) in throw .unavailable(cause: "disk full") }
        #expect(try await refusal(of: service(auditLog: auditLog)) == .notRecorded)
    }

    @Test func `a vend whose key is revoked before its commit is refused as revoked`() async throws {
        try put()
        let auditLog = MemoryAuditLog { [self] _ throws(AuditLogError) in
            do { try put(revoked: clock.now) } catch { Issue.record(error) }
            throw .keyChanged
        }
        #expect(try await refusal(of: service(auditLog: auditLog)) == .keyRevoked)
        #expect(auditLog.recorded.isEmpty)
    }

    @Test func `a vend whose key changed harmlessly before its commit goes through`() async throws {
        try put()
        let once = Once()
        let auditLog = MemoryAuditLog { [self] _ throws(AuditLogError) in
            guard once.isFirst() else { return }
            do { try put() } catch { Issue.record(error) }
            throw .keyChanged
        }
        #expect(try await refusal(of: service(auditLog: auditLog)) == nil)
        #expect(auditLog.recorded.count == 1)
    }

    @Test func `a database that can't be read means no vend, although the key was verified before`() async throws {
        try put()
        let service = service(auditLog: MemoryAuditLog(), timeout: .zero)
        #expect(try await refusal(of: service) == nil)
        directory.fail()
        #expect(try await refusal(of: service) == .notRecorded)
    }

    @Test(arguments: [
        (IssuerError.unavailable(cause: "away"), ErrorCode.awsUnavailable), (.refused(cause: "no"), .roleRefused),
    ])
    func `an error of AWS's is reported without its cause`(_ failure: IssuerError, _ code: ErrorCode) async throws {
        try put()
        let issuer = ScriptedIssuer { _ throws(IssuerError) in throw failure }
        #expect(try await refusal(of: service(auditLog: MemoryAuditLog(), issuer: issuer)) == code)
    }
}
