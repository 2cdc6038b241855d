import BursarFoundation
import BursarModel
import Testing

/// Weeks as ISO 8601 counts them.
@Suite struct UTCWeekTests {
    @Test(arguments: [
        ("2026-01-01", "2026-W01"), ("2025-12-29", "2026-W01"), ("2025-12-28", "2025-W52"), ("2027-01-01", "2026-W53"),
        ("2021-01-03", "2020-W53"), ("2021-01-04", "2021-W01"), ("1970-01-01", "1970-W01"), ("1969-12-28", "1969-W52"),
        ("1960-02-29", "1960-W09"), ("2024-12-30", "2025-W01"),
    ])
    func `a day lies in the week that ISO 8601 says`(_ text: String, _ week: String) throws {
        let day = try #require(UTCDay(text))
        #expect(UTCWeek(containing: day).description == week)
        #expect(UTCWeek(containing: day).days.contains(day))
    }

    @Test func `weeks follow each other without a gap`() {
        for number in -3000..<3000 as Range<Int64> {
            let days = UTCWeek(number: number).days
            #expect(days.upperBound.number + 1 == UTCWeek(number: number + 1).days.lowerBound.number)
            #expect(UTCWeek(containing: days.lowerBound).number == number)
            #expect(UTCWeek(containing: days.upperBound).number == number)
        }
    }
}

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
