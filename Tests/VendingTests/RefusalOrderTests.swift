import BursarFoundation
import BursarModel
import Testing
import Vending

/// Which no comes first when several would do: what is cheap to see, then what only the holder of the secret may hear.
@Suite struct RefusalOrderTests {
    private let clock = TestClock()
    private let directory = MemoryDirectory()
    private let issued: IssuedKey
    private let stranger: IssuedKey

    init() throws {
        issued = try IssuedKey()
        stranger = try IssuedKey()
    }

    /// All that can be wrong with a request, in the order of refusal.
    private enum ParseError: Int, CaseIterable, Comparable {
        case serverList, missing, malformed, unknown, wrongSecret, revoked, expired, disabled, ended, keyList
        case region, paused, quota, role, auditLog

        static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

        var code: ErrorCode {
            switch self {
            case .serverList, .keyList: .addressRefused
            case .missing: .keyMissing
            case .malformed: .keyMalformed
            case .unknown, .wrongSecret: .keyInvalid
            case .revoked: .keyRevoked
            case .expired: .keyExpired
            case .disabled, .ended: .researcherDisabled
            case .region: .regionRefused
            case .paused: .paused
            case .quota: .quotaExhausted
            case .role: .roleRefused
            case .auditLog: .notRecorded
            }
        }

        var isProven: Bool { self >= .revoked }
    }

    /// A request that has every fault from `first` on.
    private func refusal(from first: ParseError?) async throws -> VendError? {
        @Sendable func has(_ fault: ParseError) -> Bool { first.map { $0 <= fault } ?? false }
        let here = try AddressList(parsing: "192.0.2.0/24")
        let elsewhere = try AddressList(parsing: "198.51.100.0/24")
        var terms = ServerTerms()
        terms.allowed = has(.serverList) ? elsewhere : here
        terms.regions = ["us-east-1"]
        let keyTerms = KeyRestrictions(allowed: has(.keyList) ? elsewhere : here, dailyLimit: has(.quota) ? 0 : 5)
        let date = clock.now
        try directory.put { version in
            try (has(.wrongSecret) && !has(.unknown) ? impostor() : issued).record(
                version: version,
                expires: date.addingTimeInterval(has(.expired) ? -1 : 86_400),
                revoked: has(.revoked) ? date : nil,
                disabled: has(.disabled) ? date : nil,
                ends: has(.ended) ? date : nil,
                terms: keyTerms
            )
        }
        if has(.paused) { directory.pause() }
        let presented: String? =
            if has(.missing) { nil } else if has(.malformed) { "bursar_" } else if has(.unknown) {
                stranger.key.text.reveal()
            } else { issued.key.text.reveal() }
        let service = VendingService(
            terms: terms,
            directory: directory,
            auditLog: MemoryAuditLog { _ throws(AuditLogError) in
                if has(.auditLog) { throw .unavailable(cause: "disk full") }
            },
            issuer: ScriptedIssuer { call throws(IssuerError) in
                if has(.role) { throw .refused(cause: "arn:aws:iam::123456789012:role/x") }
                return credentials(call, until: date.addingTimeInterval(3600))
            },
            pool: HashingPool.started(width: 1),
            now: { [clock] in clock.now }
        )
        let form = CredentialForm.token(region: has(.region) ? "eu-west-1" : "us-east-1")
        do {
            let caller = VendingService.Caller(key: presented, address: .test, requestID: "r1")
            _ = try await service.vend(to: caller, VendingService.VendOptions(form: form))
            return nil
        } catch {
            return VendError(of: error)
        }
    }

    /// The same id with another secret's hash.
    private func impostor() throws -> IssuedKey {
        IssuedKey(key: issued.key, hash: stranger.hash)
    }

    @Test(arguments: ParseError.allCases.map(\.rawValue))
    func `of all that is wrong the first is the refusal`(_ first: Int) async throws {
        let fault = try #require(ParseError(rawValue: first))
        let refusal = try #require(try await refusal(from: fault))
        #expect(refusal.code == fault.code, "\(fault)")
        let ada = try #require(Handle("ada"))
        let subject: VendError.Subject =
            switch fault {
            case .serverList, .missing, .malformed: .nobody
            case .unknown: .unknown(stranger.key.id)
            case .wrongSecret: .unproven(issued.key.id)
            default: .proven(issued.key.id, ada)
            }
        #expect(refusal.subject == subject, "\(fault)")
    }

    @Test func `when nothing is wrong, credentials are vended`() async throws {
        #expect(try await refusal(from: nil) == nil)
    }
}
