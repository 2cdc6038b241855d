import BursarFoundation
import BursarModel
import Testing

@testable import creds

struct CachedSessionTests {
    static let now = Date(timeIntervalSince1970: 1_800_000_000)

    static func credentials(life: TimeInterval, id: String = "ASIAEXAMPLE0000000001") -> SessionCredentials {
        SessionCredentials(
            accessKeyID: id,
            secretAccessKey: Secret(String(repeating: "s", count: 40)),
            sessionToken: Secret(String(repeating: "t", count: 300)),
            expiration: now + life
        )
    }

    static func session(life: TimeInterval, jitter: Double = 0) -> CachedSession {
        CachedSession(credentials(life: life), obtained: now, jitter: jitter)
    }

    /// The lifetime, and the time after which the next session is fetched.
    @Test(arguments: [(43_200, 42_000), (3600, 2400), (2400, 1200), (1800, 900), (900, 450)])
    func `a session is renewed with 20 minutes left, a short one at its half`(
        life: TimeInterval,
        fresh: TimeInterval
    ) {
        let session = Self.session(life: life)
        #expect(session.isFresh(at: Self.now + fresh - 1))
        #expect(!session.isFresh(at: Self.now + fresh))
        #expect(session.isUsable(at: Self.now + life - 1))
        #expect(!session.isUsable(at: Self.now + life))
    }

    @Test func `jitter makes it two minutes earlier at most`() {
        let session = Self.session(life: 3600, jitter: 1)
        #expect(session.isFresh(at: Self.now + 2279))
        #expect(!session.isFresh(at: Self.now + 2280))
    }

    @Test func `a refresh that brought nothing is not tried again for a while`() {
        let session = Self.session(life: 3600).delayingRefresh(until: Self.now + 3030)
        #expect(session.isFresh(at: Self.now + 3029))
        #expect(!session.isFresh(at: Self.now + 3030))
    }

    @Test func `waiting never outlives the session`() {
        let session = Self.session(life: 900).delayingRefresh(until: Self.now + 5000)
        #expect(!session.isFresh(at: Self.now + 900))
    }

    @Test func `a clock that was set back does not make a session last`() {
        let session = Self.session(life: 3600)
        #expect(session.isFresh(at: Self.now - 299))
        #expect(!session.isFresh(at: Self.now - 300))
    }

    @Test func `what was written is read`() throws {
        let session = Self.session(life: 3600).delayingRefresh(until: Self.now + 7)
        let read = try #require(CachedSession(fileContent: Array(session.fileContent.reveal().utf8)))
        #expect(read.fileContent == session.fileContent)
        #expect(read.output == ProcessOutput(Self.credentials(life: 3600)).json(.zulu))
        #expect(read.expiration == session.expiration)
    }

    @Test func `the file is JSON`() throws {
        let content = Data(Self.session(life: 3600).fileContent.reveal().utf8)
        let file = try JSONDecoder().decode([String: Value].self, from: content)
        #expect(Set(file.keys) == ["obtained", "refresh", "retry", "credentials"])
    }

    @Test(arguments: [
        "", "[]", "null", "\"s\"", "{}", #"{"Expiration":5}"#, "{\"obtained\":", String(repeating: "x", count: 70_000),
    ])
    func `anything else is no cache`(content: String) {
        #expect(CachedSession(fileContent: Array(content.utf8)) == nil)
    }

    @Test(arguments: [
        ("\"Version\":1", "\"Version\":2"), ("ssss", "s\u{7}ss"), ("ssss", "s\\nss"), ("ssss", "s ss"),
        ("tttt", "t\"tt"),
        ("ASIAEXAMPLE0000000001", "ASIA"), ("\"obtained\":1", "\"obtained\":-1"), ("Z\"", "+00:00\""), ("}\n", "}"),
        ("}\n", "}\n\n"), ("2027-", "2027/"), ("\"Expiration\"", "\"expiration\""),
    ])
    func `a cache that differs anywhere is no cache`(part: String, other: String) throws {
        let content = Self.session(life: 3600).fileContent.reveal()
        let changed = content.replacing(part, with: other, maxReplacements: 1)
        try #require(changed != content)
        #expect(CachedSession(fileContent: Array(changed.utf8)) == nil)
    }

    @Test func `a cache that was cut off anywhere is no cache`() {
        let content = Array(Self.session(life: 3600).fileContent.reveal().utf8)
        #expect(content.indices.allSatisfy { CachedSession(fileContent: Array(content[..<$0])) == nil })
    }

    /// Every 37th day and some hours, for 140 years.
    @Test func `times are read as Foundation reads them`() {
        let dates = stride(from: 0.0, to: 4_420_000_000, by: 86_400 * 37 + 12_345).map {
            Date(timeIntervalSince1970: $0)
        }
        for date in dates
            + [Timestamp.date("2028-02-29T23:59:59Z"), Timestamp.date("2100-03-01T00:00:00Z")].compactMap(\.self)
        {
            var scanner = FixedFormatJSONScanner(Array(Timestamp.string(date).utf8))
            #expect(scanner.utcDate() == date)
        }
    }

    @Test(arguments: ["2027-13-01T00:00:00Z", "2027-00-01T00:00:00Z", "2027-01-01T24:00:00Z", "2027-01-01 00:00:00Z"])
    func `a time that is none is not read`(text: String) {
        var scanner = FixedFormatJSONScanner(Array(text.utf8))
        #expect(scanner.utcDate() == nil)
    }

    private enum Value: Decodable {
        case any

        init(from decoder: any Decoder) {
            self = .any
        }
    }
}
