import BursarFoundation
import BursarModel
import Testing

@testable import Vending

@Suite struct DailyQuotaTests {
    private let quota = DailyQuota()
    private let key: KeyID
    private let noon = Date(timeIntervalSince1970: 1_767_355_200)
    private var today: UTCDay { UTCDay(containing: noon) }
    private var tomorrow: UTCDay { UTCDay(number: today.number + 1) }

    init() throws {
        key = try #require(KeyID("7c3kq9x2mzpa"))
    }

    private func reserved(on day: UTCDay, limit: Int, tries: Int = 100) -> Int {
        (0..<tries).count { _ in quota.reserve(key, on: day, limit: limit) }
    }

    @Test func `as many are reserved as are left of what the record says`() {
        quota.load(key, DailyUsage(day: today, count: 7))
        #expect(reserved(on: today, limit: 10) == 3)
        #expect(quota.status(key, limit: 10, at: noon).used == 7)
    }

    @Test func `a limit of nothing is nothing, and one that was lowered below the use too`() {
        quota.load(key, DailyUsage(day: today, count: 7))
        #expect(reserved(on: today, limit: 0) == 0)
        #expect(reserved(on: today, limit: 5) == 0)
        #expect(quota.status(key, limit: 5, at: noon).remaining == 0)
    }

    @Test func `a vend that didn't happen gives its place back, one that did keeps it`() {
        quota.load(key, DailyUsage(day: today, count: 8))
        #expect(reserved(on: today, limit: 10) == 2)
        quota.settle(key, on: today, nil)
        #expect(reserved(on: today, limit: 10) == 1)
        quota.settle(key, on: today, DailyUsage(day: today, count: 9))
        #expect(reserved(on: today, limit: 10) == 0)
        quota.settle(key, on: today, DailyUsage(day: today, count: 10))
        #expect(reserved(on: today, limit: 10) == 0)
        #expect(quota.status(key, limit: 10, at: noon).used == 10)
    }

    @Test func `what other servers used is learned from the commit, in whatever order commits arrive`() {
        quota.load(key, DailyUsage(day: today, count: 0))
        #expect(reserved(on: today, limit: 10, tries: 2) == 2)
        quota.settle(key, on: today, DailyUsage(day: today, count: 9))
        quota.settle(key, on: today, DailyUsage(day: today, count: 4))
        #expect(quota.status(key, limit: 10, at: noon).used == 9)
        #expect(reserved(on: today, limit: 10) == 1)
    }

    @Test func `loading again changes nothing that is known`() {
        quota.load(key, DailyUsage(day: today, count: 3))
        #expect(reserved(on: today, limit: 4) == 1)
        quota.load(key, DailyUsage(day: today, count: 0))
        #expect(reserved(on: today, limit: 4) == 0)
    }

    @Test func `a new day starts at zero, and the old day's vends don't count in it`() {
        quota.load(key, DailyUsage(day: today, count: 10))
        #expect(!quota.knows(key, on: tomorrow))
        quota.load(key, DailyUsage(day: tomorrow, count: 0))
        quota.settle(key, on: today, DailyUsage(day: today, count: 11))
        #expect(reserved(on: tomorrow, limit: 10) == 10)
    }

    @Test func `when the clock is set back, the record of the earlier day is asked for again`() {
        quota.load(key, DailyUsage(day: tomorrow, count: 2))
        #expect(!quota.knows(key, on: today))
        quota.load(key, DailyUsage(day: today, count: 9))
        #expect(reserved(on: today, limit: 10) == 1)
        #expect(!quota.knows(key, on: tomorrow))
    }

    /// Around midnight one request loads the new day between another's loading and reserving of the old.
    @Test func `a request of a day that another put aside is left to the commit, not refused`() {
        quota.load(key, DailyUsage(day: today, count: 0))
        quota.load(key, DailyUsage(day: tomorrow, count: 0))
        #expect(quota.reserve(key, on: today, limit: 10))
        quota.settle(key, on: today, DailyUsage(day: today, count: 1))
        #expect(reserved(on: tomorrow, limit: 10) == 10)
    }

    @Test func `a vend committed after midnight gives back the place of the day before`() {
        quota.load(key, DailyUsage(day: today, count: 9))
        #expect(reserved(on: today, limit: 10) == 1)
        quota.settle(key, on: today, DailyUsage(day: tomorrow, count: 1))
        #expect(quota.status(key, limit: 10, at: noon).used == 9)
        #expect(reserved(on: today, limit: 10) == 1)
    }

    @Test(arguments: [(0.0, 86_400), (0.5, 86_400), (1, 86_399), (43_200, 43_200), (86_399, 1), (86_399.9, 1)])
    func `the reset is the seconds to midnight in UTC, and never none`(_ second: TimeInterval, _ left: Int) {
        let date = Date(timeIntervalSince1970: Double(today.number) * 86_400 + second)
        #expect(quota.status(key, limit: 10, at: date).secondsToReset == left)
    }

    @Test func `at once no more are reserved than are left`() async {
        quota.load(key, DailyUsage(day: today, count: 0))
        let count = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<200 { group.addTask { quota.reserve(key, on: today, limit: 10) } }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(count == 10)
    }
}
