import BursarFoundation
import BursarModel
import TestSupport
import Testing

@Suite struct WordsTests {
    @Test(arguments: ["ab", "ada", "Ada.Lovelace@example.edu", "a+b=c,d-e_f", String(repeating: "x", count: 64)])
    func `a handle that STS takes is taken`(_ text: String) {
        #expect(Handle(text)?.description == text)
    }

    @Test(arguments: ["", "a", "ada lovelace", "ädä", "a/b", "a:b", "a\nb", String(repeating: "x", count: 65)])
    func `a handle that STS would refuse is refused`(_ text: String) {
        #expect(Handle(text) == nil)
    }

    @Test(arguments: [
        ("3600", 3600), ("3600s", 3600), ("90m", 5400), ("12h", 43_200), ("1h30m", 5400), ("15m", 900),
    ])
    func `a session's duration is read as people write it`(_ text: String, _ seconds: Int) {
        #expect(SessionDuration(text)?.seconds == seconds)
    }

    @Test(arguments: [
        "", "0", "899", "14m59s", "12h1s", "43201", "-1", "1.5h", "h", "1h1h", "30m1h", "1 h", "9999999999999",
    ])
    func `a duration that AWS doesn't allow is refused`(_ text: String) {
        #expect(SessionDuration(text) == nil)
    }

    @Test(arguments: [
        (3149, "52m 29s"), (3600, "1h"), (0, "0s"), (86_400 * 90, "90d"), (90_000, "1d 1h"), (3601, "1h 1s"),
    ])
    func `a span is printed in its two largest units`(_ seconds: Int, _ text: String) {
        #expect(TimeSpan(seconds: seconds).description == text)
    }

    @Test(arguments: [
        "2026-01-02T03:04:05Z", "2026-01-02T03:04:05+00:00", "2026-01-02T04:04:05+01:00", "2026-01-02T03:04:05.000Z",
        "2026-01-02T03:04:05.000+00:00", "2026-01-02T03:04:05+0000", "2026-01-02 03:04:05Z", "2026-01-02t03:04:05z",
        "2026-01-02 03:04:05+00:00", "2026-01-02T03:04:05z", "2026-01-02T03:04:05UTC", "2026-01-02 03:04:05 UTC",
        "2026-01-02T01:04:05-0200", "2026-01-02 04:04:05.000+0100",
    ])
    func `a time is read with either designator and with fractions`(_ text: String) throws {
        #expect(try #require(Timestamp.date(text)).timeIntervalSince1970.rounded() == 1_767_323_045)
    }

    @Test(arguments: [
        "", "soon", "2026-01-02", "1767323045", "2026-13-02T03:04:05Z", String(repeating: "2", count: 50),
        "2026-01-02T03:04:05", "2026-01-02 03:04:05", "2026-01-02_03:04:05Z", "2026-01-02  03:04:05Z",
    ])
    func `what isn't a time is refused`(_ text: String) {
        #expect(Timestamp.date(text) == nil)
    }

    @Test func `times are written in whole seconds, rounded down`() {
        let date = Date(timeIntervalSince1970: 1_767_323_045.999)
        #expect(Timestamp.string(date) == "2026-01-02T03:04:05Z")
        #expect(Timestamp.string(date, .offset) == "2026-01-02T03:04:05+00:00")
    }

    @Test func `times are written as Foundation writes them, in every year`() {
        var generator = SeededGenerator(seed: 14)
        let edges = [-1.0, 0, 951_782_400, 951_868_799, 4_107_542_399, 4_107_542_400, 253_402_300_799, 253_402_300_800]
        for seconds in edges + (0..<5000).map({ _ in .random(in: 0..<253_402_300_800, using: &generator) }) {
            let date = Date(timeIntervalSince1970: seconds.rounded(.down))
            #expect(Timestamp.string(date) == date.formatted(.iso8601))
        }
    }

    @Test(arguments: ["2026-11-30", "1970-01-01", "2024-02-29"])
    func `a day reads and prints the same`(_ text: String) {
        #expect(UTCDay(text)?.description == text)
    }

    @Test(arguments: ["", "2026-02-29", "2026-11-31", "2026-1-1", "26-11-30", "2026-11-30 ", "2026/11/30"])
    func `a day that doesn't exist is refused`(_ text: String) {
        #expect(UTCDay(text) == nil)
    }

    @Test(arguments: [
        (ErrorCode.keyMissing, 401), (.keyRevoked, 401), (.addressRefused, 403), (.notFound, 404),
        (.quotaExhausted, 429),
        (.roleRefused, 502), (.notRecorded, 503),
    ])
    func `each refusal has its status`(_ code: ErrorCode, _ status: Int) {
        #expect(code.status == status)
    }
}
