import BursarFoundation
import BursarModel
import Testing
import Vending

/// Each rule by itself, as the server and `admin whatif` ask it.
@Suite struct VendingRuleTests {
    private let date = Date(timeIntervalSince1970: 1_767_323_045)
    private let issued: IssuedKey

    init() throws {
        issued = try IssuedKey()
    }

    private func question(
        terms: ServerTerms = ServerTerms(),
        address: String? = "192.0.2.1",
        keyTerms: KeyRestrictions = KeyRestrictions(),
        revoked: Date? = nil
    ) throws -> VendRequest {
        let record = try issued.record(
            version: 1,
            expires: date.addingTimeInterval(3600),
            revoked: revoked,
            terms: keyTerms
        )
        return VendRequest(
            terms: terms,
            key: record,
            address: try address.map { try #require(IPAddress($0)) },
            date: date
        )
    }

    private func elsewhere() throws -> AddressList { try AddressList(parsing: "198.51.100.0/24") }

    @Test func `nothing is refused when nothing is wrong`() throws {
        var question = try question()
        question.form = .credentials
        question.isPaused = false
        question.used = 0
        #expect(question.refusal(by: VendingRule.allCases) == nil)
    }

    @Test func `an address outside the server's list is refused`() throws {
        let question = try question(terms: ServerTerms(allowed: elsewhere()))
        #expect(question.refusal(by: .serverAddresses) == .addressRefused)
    }

    @Test func `an address outside the key's list is refused`() throws {
        let question = try question(keyTerms: KeyRestrictions(allowed: elsewhere()))
        #expect(question.refusal(by: .keyAddresses) == .addressRefused)
        #expect(question.refusal(by: .serverAddresses) == nil)
    }

    @Test func `lists refuse nobody whose address isn't known`() throws {
        let question = try question(
            terms: ServerTerms(allowed: elsewhere()),
            address: nil,
            keyTerms: KeyRestrictions(allowed: elsewhere())
        )
        #expect(question.refusal(by: VendingRule.allCases) == nil)
    }

    @Test func `a key's state is refused with its own word`() throws {
        #expect(try question(revoked: date).refusal(by: .keyState) == .keyRevoked)
    }

    @Test func `a token for a region that isn't offered is refused`() throws {
        var question = try question(terms: ServerTerms(regions: ["us-east-1"]))
        question.form = .token(region: "eu-west-1")
        #expect(question.refusal(by: .region) == .regionRefused)
        question.form = .token(region: "us-east-1")
        #expect(question.refusal(by: .region) == nil)
    }

    @Test func `nothing is vended while vending is stopped`() throws {
        var question = try question()
        question.isPaused = true
        #expect(question.refusal(by: .paused) == .paused)
    }

    @Test func `a quota is refused when it is used up, the key's before the server's`() throws {
        var question = try question(terms: ServerTerms(dailyLimit: 100), keyTerms: KeyRestrictions(dailyLimit: 5))
        question.used = 4
        #expect(question.refusal(by: .quota) == nil)
        question.used = 5
        #expect(question.refusal(by: .quota) == .quotaExhausted)
    }

    @Test func `the first rule that says no decides`() throws {
        var question = try question(keyTerms: KeyRestrictions(allowed: elsewhere()), revoked: date)
        question.isPaused = true
        let refusal = try #require(question.refusal(by: VendingRule.allCases))
        #expect(refusal == (.keyState, .keyRevoked))
    }

    @Test(arguments: [
        (3600.0, nil as Int?, 3600, false), (3599, nil, 3599, true), (600, nil, 900, true), (86_400, 7200, 7200, false),
        (3600, 7200, 3600, true),
    ])
    func `a session is as long as usual, or until the key's end`(
        _ left: Double,
        _ own: Int?,
        _ seconds: Int,
        _ ends: Bool
    ) throws {
        let end = date.addingTimeInterval(left)
        let record = try issued.record(
            version: 1,
            expires: end,
            terms: KeyRestrictions(sessionDuration: own.flatMap { SessionDuration(seconds: $0) })
        )
        let length = SessionLength(for: record, standard: .oneHour, at: date)
        #expect(length.duration.seconds == seconds)
        #expect(length.notAfter == (ends ? end : nil))
    }
}
