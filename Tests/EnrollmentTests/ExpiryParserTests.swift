import BursarConsole
import BursarFoundation
import BursarModel
import ServerSettings
import Testing

@testable import Enrollment

/// Ends of keys and stays, as they are typed.
struct ExpiryParserTests {
    private static let option = UserFacingError.Place.option("--expires")
    /// Noon, so that the day isn't over.
    private static let now = UTCDay(number: 20_000).start.addingTimeInterval(43_200)

    private static func expiry(maximum: String? = nil) throws -> KeyExpiry {
        let settings = maximum.map { [Setting.maximumKeyLife.environmentName: $0] } ?? [:]
        return KeyExpiry(try KeyRules(SettingReader(environment: settings, file: nil)), at: now)
    }

    @Test func `an end is a length of time from now on, or the end of a day`() throws {
        let today = UTCDay(containing: Self.now)
        #expect(try ExpiryParser.moment("90d", Self.option, from: Self.now) == Self.now.addingTimeInterval(90 * 86_400))
        #expect(try ExpiryParser.moment("12h", Self.option, from: Self.now) == Self.now.addingTimeInterval(43_200))
        let end = try ExpiryParser.moment(today.description, Self.option, from: Self.now)
        #expect(end == UTCDay(number: today.number + 1).start)
        #expect(ExpiryParser.lastDay(before: end) == today.description)
    }

    @Test(arguments: ["", "soon", "90", "0", "0d", "-3d", "2026-02-30", "1999-12-31", "90d\u{1B}[31m"])
    func `what can't be meant is refused by its option, with a way to write it`(_ text: String) throws {
        let error = try #require(throws: UserFacingError.self) {
            try ExpiryParser.moment(text, Self.option, from: Self.now)
        }
        #expect(error.exitCode == 64 && error.hint != nil, "\(error)")
        #expect(!error.problem.contains("\u{1B}"))
    }

    @Test func `a new key lives 90 days unless something else is asked for or set`() throws {
        #expect(try Self.expiry().ofNewKey(nil, Self.option) == Self.now.addingTimeInterval(90 * 86_400))
        #expect(try Self.expiry(maximum: "30d").ofNewKey(nil, Self.option) == Self.now.addingTimeInterval(30 * 86_400))
        #expect(try Self.expiry().ofNewKey("1d", Self.option) == Self.now.addingTimeInterval(86_400))
    }

    @Test func `no key outlives the setting, counted from its issue`() throws {
        let expiry = try Self.expiry(maximum: "30d")
        let error = try #require(throws: UserFacingError.self) { try expiry.ofNewKey("31d", Self.option) }
        #expect(error.hint?.contains(Setting.maximumKeyLife.environmentName) == true)
        let issued = Self.now.addingTimeInterval(-20 * 86_400)
        let later = try #require(throws: UserFacingError.self) {
            try expiry.check(Self.now.addingTimeInterval(11 * 86_400), Self.option, issued: issued)
        }
        #expect(later.hint?.contains("admin keys rotate") == true)
        try expiry.check(Self.now.addingTimeInterval(10 * 86_400), Self.option, issued: issued)
    }

    @Test func `a replacement gets its predecessor's lifetime, up to the setting`() throws {
        let (created, expires) = (Self.now.addingTimeInterval(-86_400), Self.now.addingTimeInterval(6 * 86_400))
        let week = Self.now.addingTimeInterval(7 * 86_400)
        #expect(try Self.expiry().ofReplacement(created: created, expires: expires) == week)
        let limit = Self.now.addingTimeInterval(86_400)
        #expect(try Self.expiry(maximum: "1d").ofReplacement(created: created, expires: expires) == limit)
    }
}
