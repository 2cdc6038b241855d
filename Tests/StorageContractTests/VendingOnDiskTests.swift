import BursarFoundation
import BursarModel
import StorageTestSupport
import Synchronization
import Testing
import Vending

@testable import Storage

/// The whole decision over the real record.
@Suite struct VendingOnDiskTests {
    private let place = TemporaryStore()
    private let store: Store
    private let fast = RequestRate(perSecond: 1_000_000)

    init() async throws {
        store = try await place.made()
        try store.addAda()
    }

    private func service(_ store: Store, _ issuer: HeldIssuer = HeldIssuer(isOpen: true)) throws -> VendingService {
        VendingService(
            terms: ServerTerms(rate: try #require(fast)),
            directory: store.directory,
            auditLog: Recorder(database: store.database, now: { TemporaryStore.now }),
            issuer: issuer,
            pool: try HashingPool(width: 2),
            timeout: .seconds(60),
            now: { TemporaryStore.now }
        )
    }

    private func code(_ service: VendingService, _ key: ResearcherKey, _ number: Int = 1) async -> ErrorCode? {
        let address = IPAddress("192.0.2.1")
        guard let address else { return .internal }
        let caller = VendingService.Caller(key: key.text.reveal(), address: address, requestID: "r\(number)")
        do {
            _ = try await service.vend(to: caller)
            return nil
        } catch {
            return (error as? VendError)?.code ?? .internal
        }
    }

    /// The outcomes of 200 requests at once, spread over `services`.
    private func crowd(_ services: [VendingService], _ key: ResearcherKey) async -> [ErrorCode?: Int] {
        await withTaskGroup(of: ErrorCode?.self) { group in
            for number in 0..<200 {
                group.addTask { await code(services[number % services.count], key, number) }
            }
            return await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        }
    }

    private func vends() throws -> [String] {
        try store.rows("SELECT count(*), count(DISTINCT request_id) FROM records WHERE kind = 'vend'")
    }

    @Test func `two hundred at once with ten left in the quota get exactly ten`() async throws {
        let key = try store.issue(terms: KeyRestrictions(dailyLimit: 30))
        let before = try service(store)
        for number in 0..<20 { #expect(await code(before, key, 1000 + number) == nil) }
        let outcomes = await crowd([try service(store)], key)
        #expect(outcomes == [nil: 10, .quotaExhausted: 190])
        #expect(try vends() == ["30 30"])
        #expect(try store.audit.firstBrokenRecord() == nil)
    }

    @Test func `two servers on one database give exactly ten between them`() async throws {
        let key = try store.issue(terms: KeyRestrictions(dailyLimit: 10))
        let services = [try service(store), try service(try await place.opened())]
        #expect(await crowd(services, key) == [nil: 10, .quotaExhausted: 190])
        #expect(try vends() == ["10 10"])
    }

    @Test func `what is used up is not asked of AWS again`() async throws {
        let key = try store.issue(terms: KeyRestrictions(dailyLimit: 1))
        let issuer = HeldIssuer(isOpen: true)
        let service = try service(store, issuer)
        #expect(await code(service, key) == nil)
        let again = try self.service(store, issuer)
        for _ in 0..<5 { #expect(await code(again, key) == .quotaExhausted) }
        #expect(issuer.calls == 1)
    }

    @Test(
        arguments: [
            ("UPDATE keys SET revoked_at = 1", .keyRevoked),
            ("UPDATE keys SET created_at = 1, expires_at = 1767323045000", .keyExpired),
            ("UPDATE keys SET allowed = '10.0.0.0/8'", .addressRefused), ("UPDATE keys SET allowed = ''", .internal),
            ("UPDATE keys SET daily_limit = 0", .quotaExhausted),
            ("UPDATE researchers SET disabled_at = 1", .researcherDisabled),
            ("UPDATE researchers SET ends_at = 1", .researcherDisabled), ("UPDATE revision SET paused_at = 1", .paused),
        ] as [(String, ErrorCode)]
    )
    func `a key that is changed while its AssumeRole hangs gets what the change says`(
        _ sql: String,
        _ expected: ErrorCode
    ) async throws {
        let key = try store.issue()
        let issuer = HeldIssuer()
        let service = try service(store, issuer)
        async let outcome = code(service, key)
        defer { issuer.open() }
        await issuer.isAsked()
        let admin = try await place.opened()
        try admin.change(sql)
        issuer.open()
        #expect(await outcome == expected)
        #expect(try vends() == ["0 0"])
        #expect(await code(service, key) == expected)
    }

    @Test(arguments: ["UPDATE keys SET models = 'a*'", "UPDATE keys SET session_seconds = 900"])
    func `a key that is narrowed while its AssumeRole hangs gets a session of the new kind`(_ sql: String) async throws
    {
        let key = try store.issue()
        let issuer = HeldIssuer()
        let service = try service(store, issuer)
        async let outcome = code(service, key)
        defer { issuer.open() }
        await issuer.isAsked()
        try store.change(sql)
        issuer.open()
        #expect(await outcome == nil)
        #expect(try vends() == ["1 1"])
        #expect(issuer.calls == 2)
        #expect(issuer.last?.models?.description == (sql.contains("models") ? "a*" : nil))
        #expect(issuer.last?.duration.seconds == (sql.contains("models") ? 3600 : 900))
        #expect(try store.rows("SELECT access_key_id FROM records WHERE kind = 'vend'") == ["\"ASIAEXAMPLE2\""])
    }

    @Test func `sessions that are ended while an AssumeRole hangs aren't those that leave`() async throws {
        let key = try store.issue()
        let issuer = HeldIssuer()
        let service = try service(store, issuer)
        async let outcome = code(service, key)
        defer { issuer.open() }
        await issuer.isAsked()
        try store.change("UPDATE researchers SET sessions_valid_from = 1767323045000")
        issuer.open()
        #expect(await outcome == nil)
        #expect(issuer.calls == 2)
    }
}

/// An issuer that holds each caller until it is opened, and counts.
private final class HeldIssuer: CredentialIssuer {
    private let requests = Mutex<[IssueRequest]>([])
    private let gate = AsyncStream<Void>.makeStream()
    private let asked = AsyncStream<Void>.makeStream()

    init(isOpen: Bool = false) {
        if isOpen { open() }
    }

    var calls: Int { requests.withLock { $0.count } }
    var last: IssueRequest? { requests.withLock { $0.last } }

    func open() {
        gate.continuation.finish()
    }

    func isAsked() async {
        for await _ in asked.stream { return }
    }

    func issue(_ request: IssueRequest) async throws(IssuerError) -> SessionCredentials {
        let call = requests.withLock { requests in
            requests.append(request)
            return requests.count
        }
        asked.continuation.yield()
        for await _ in gate.stream {}
        return SessionCredentials(
            accessKeyID: "ASIAEXAMPLE\(call)",
            secretAccessKey: Secret("secret"),
            sessionToken: Secret("token"),
            expiration: TemporaryStore.now.addingTimeInterval(TimeInterval(request.duration.seconds))
        )
    }
}
