import BursarFoundation
import BursarModel
import Testing

@Suite struct UTCMonthTests {
    private func day(_ text: String) throws -> UTCDay {
        try #require(UTCDay(text))
    }

    @Test(arguments: [
        ("2026-01", "2026-01-01", "2026-01-31"), ("2026-02", "2026-02-01", "2026-02-28"),
        ("2024-02", "2024-02-01", "2024-02-29"), ("2000-02", "2000-02-01", "2000-02-29"),
        ("2100-02", "2100-02-01", "2100-02-28"), ("2026-04", "2026-04-01", "2026-04-30"),
        ("2026-12", "2026-12-01", "2026-12-31"), ("1970-01", "1970-01-01", "1970-01-31"),
        ("9999-12", "9999-12-01", "9999-12-31"),
    ])
    func `a month has its days`(_ month: String, _ first: String, _ last: String) throws {
        let days = try #require(UTCMonth(month)).days
        #expect(days.lowerBound == (try day(first)))
        #expect(days.upperBound == (try day(last)))
    }

    @Test func `months follow one another without a gap, and each day is in its own`() throws {
        var month = try #require(UTCMonth("1969-11"))
        let end = try #require(UTCMonth("2105-03"))
        while month < end {
            let next = UTCMonth(number: month.number + 1)
            #expect(month.days.upperBound.number + 1 == next.days.lowerBound.number)
            #expect(UTCMonth(containing: month.days.lowerBound) == month)
            #expect(UTCMonth(containing: month.days.upperBound) == month)
            #expect(UTCMonth(month.description) == month)
            month = next
        }
    }

    @Test func `the last second of a year is in its last month, the next in the next`() {
        let newYear = Date(timeIntervalSince1970: 1_767_225_600)
        #expect(UTCMonth(containing: UTCDay(containing: newYear)).description == "2026-01")
        #expect(UTCMonth(containing: UTCDay(containing: newYear.addingTimeInterval(-0.001))).description == "2025-12")
    }

    @Test(arguments: [
        "", "2026", "2026-1", "2026-13", "2026-00", "26-01", "2026/01", "2026-01-01", "+026-01", "２０２６-01",
    ])
    func `anything else is no month`(_ text: String) {
        #expect(UTCMonth(text) == nil)
    }
}
