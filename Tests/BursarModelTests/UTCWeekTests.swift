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
