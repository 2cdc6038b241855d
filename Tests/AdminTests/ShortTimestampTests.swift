import BursarFoundation
import BursarModel
import Testing

@testable import admin

/// Times as tables say them.
@Suite struct ShortTimestampTests {
    private static let now = "2026-11-30T12:00:00Z"

    @Test(arguments: [
        ("2026-11-30T16:25:42Z", "today 16:25"), ("2026-11-30T00:00:00Z", "today 00:00"),
        ("2026-11-29T23:59:59Z", "2026-11-29 23:59"), ("2026-12-01T00:00:00Z", "2026-12-01 00:00"),
        ("2026-11-28T12:00:01Z", "2026-11-28 12:00"), ("2026-11-28T11:59:59Z", "2026-11-28"),
        ("2026-12-05T00:00:00Z", "2026-12-05"),
    ])
    func `a moment`(_ time: String, _ text: String) throws {
        let (date, now) = (try #require(Timestamp.date(time)), try #require(Timestamp.date(Self.now)))
        #expect(ShortTimestamp.moment(date, at: now) == text)
    }

    @Test(arguments: [("2026-12-06T00:00:00Z", "2026-12-05"), ("2026-12-05T16:25:00Z", "2026-12-05")])
    func `an end far away is the last day`(_ time: String, _ text: String) throws {
        let (date, now) = (try #require(Timestamp.date(time)), try #require(Timestamp.date(Self.now)))
        #expect(ShortTimestamp.end(date, at: now) == text)
        #expect(ExpiryParser.lastDay(before: date) == text)
    }

    @Test(arguments: [("2026-11-30T16:24:05Z", "30 Nov 2026, 16:24", "30 November 2026, 16:24 UTC")])
    func `a page`(_ time: String, _ short: String, _ long: String) throws {
        let date = try #require(Timestamp.date(time))
        #expect(PageTime.short(date) == short)
        #expect(PageTime.long(date) == long)
    }
}
