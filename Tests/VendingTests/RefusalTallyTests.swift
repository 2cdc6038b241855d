import BursarFoundation
import BursarModel
import Testing

@testable import Vending

@Suite struct RefusalTallyTests {
    private let tally = RefusalTally()
    private let key: KeyID
    private let other: KeyID
    private let ada: Handle

    init() throws {
        key = try #require(KeyID("7c3kq9x2mzpa"))
        other = try #require(KeyID("000000000000"))
        ada = try #require(Handle("ada"))
    }

    private func note(
        _ code: ErrorCode,
        _ subject: VendError.Subject,
        from address: String = "192.0.2.1",
        after seconds: TimeInterval = 0
    ) {
        let date = TestClock.start.addingTimeInterval(seconds)
        tally.note(VendError(code, subject), from: .address(address), requestID: "r\(seconds)", at: date)
    }

    private func note(_ subject: VendError.Subject, from address: String = "192.0.2.1", after seconds: TimeInterval = 0)
    {
        note(.quotaExhausted, subject, from: address, after: seconds)
    }

    private func total(_ batch: RefusalBatch?) -> Int {
        batch?.counts.values.reduce(0) { $0 + $1.count } ?? 0
    }

    @Test func `nothing refused is nothing to write`() {
        #expect(tally.take() == nil)
    }

    @Test func `the first refusal of a proven key is kept in full`() throws {
        note(.proven(key, ada))
        let batch = try #require(tally.take())
        let entry = try #require(batch.entries.first)
        #expect(entry.key == key)
        #expect(entry.researcher == ada)
        #expect(entry.code == .quotaExhausted)
        #expect(entry.address == .address("192.0.2.1"))
        #expect(entry.requestID == "r0.0")
        #expect(entry.date == TestClock.start)
        #expect(tally.take() == nil)
    }

    @Test func `repeats within the hour are counted, also across writings`() throws {
        for second in 0..<1000 { note(.proven(key, ada), after: Double(second)) }
        #expect(tally.take()?.entries.count == 1)
        note(.proven(key, ada), after: 1001)
        let batch = try #require(tally.take())
        #expect(batch.entries.isEmpty)
        #expect(total(batch) == 1)
    }

    @Test func `another reason, address, key or hour is a first again`() {
        note(.proven(key, ada))
        note(.rateLimited, .proven(key, ada))
        note(.proven(key, ada), from: "192.0.2.2")
        note(.proven(other, ada))
        #expect(tally.take()?.entries.count == 4)
        note(.proven(key, ada), after: 3600)
        #expect(tally.take()?.entries.count == 1)
    }

    @Test func `a wrong secret and an unknown id are counted and never kept in full`() throws {
        for _ in 0..<10 { note(.keyInvalid, .unproven(key)) }
        for _ in 0..<5 { note(.keyInvalid, .unknown(other)) }
        note(.keyMissing, .nobody)
        let batch = try #require(tally.take())
        #expect(batch.entries.isEmpty)
        let day = UTCDay(containing: TestClock.start)
        #expect(batch.counts[.init(day: day, key: key, code: .keyInvalid)]?.count == 10)
        #expect(batch.counts[.init(day: day, key: nil, code: .keyInvalid)]?.count == 5)
        #expect(batch.counts[.init(day: day, key: nil, code: .keyMissing)]?.count == 1)
        #expect(batch.counts.count == 3)
    }

    @Test func `ids that nobody has take no room, however many`() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20_000 { note(.keyInvalid, .unknown(KeyID(using: &random))) }
        let batch = try #require(tally.take())
        #expect(batch.counts.count == 1)
        #expect(total(batch) == 20_000)
    }

    @Test(arguments: ["10.%.1", "2001:db8:%::1"])
    func `one key from very many places takes bounded room, the last entry says so, and each refusal counts`(
        _ form: String
    ) throws {
        func flood(_ count: Int, after seconds: TimeInterval = 0) {
            for number in 0..<count {
                let middle = form.contains(":") ? "\(number % 5000)" : "\(number >> 8 & 255).\(number & 255)"
                note(.proven(key, ada), from: form.replacing("%", with: middle), after: seconds)
            }
        }
        flood(20_000)
        let batch = try #require(tally.take())
        #expect(batch.entries.count == 64)
        #expect(batch.entries.map(\.isLastOfHour) == Array(repeating: false, count: 63) + [true])
        #expect(batch.counts.count == 1)
        #expect(total(batch) == 20_000)
        flood(5000)
        let second = try #require(tally.take())
        #expect(second.entries.isEmpty)
        #expect(total(second) == 5000)
        flood(5000, after: 3600)
        #expect(tally.take()?.entries.count == 64)
    }

    @Test func `the addresses of one clientNetwork are one place`() throws {
        for number in 0..<21_000 { note(.proven(key, ada), from: "2001:db8::\(number % 9999)") }
        #expect(tally.take()?.entries.count == 1)
    }

    @Test func `no key takes the room of another, nor of a canary`() throws {
        for number in 0..<21_000 { note(.keyRevoked, .proven(key, ada), from: "2001:db8:\(number % 9999)::1") }
        note(.keyRevoked, .proven(other, ada))
        note(.keyInvalid, .canary(other, ada))
        let batch = try #require(tally.take())
        #expect(batch.entries.suffix(2).map(\.key) == [other, other])
        #expect(batch.entries.last?.isCanary == true)
    }

    @Test func `a canary is recorded however many keys fill the room of one writing`() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            let id = KeyID(using: &random)
            for number in 0..<64 { note(.keyRevoked, .proven(id, ada), from: "192.0.2.\(number)") }
        }
        note(.keyInvalid, .canary(other, ada))
        let batch = try #require(tally.take())
        #expect(batch.entries.count == 4097)
        #expect(batch.entries.last?.isCanary == true)
    }

    @Test func `counts are those of the day of each refusal`() throws {
        note(.proven(key, ada))
        note(.proven(key, ada), after: 86_400)
        note(.proven(key, ada), after: 86_401)
        let batch = try #require(tally.take())
        let day = UTCDay(containing: TestClock.start)
        #expect(batch.counts[.init(day: day, key: key, code: .quotaExhausted)]?.count == 1)
        let next = batch.counts[.init(day: UTCDay(number: day.number + 1), key: key, code: .quotaExhausted)]
        #expect(next?.count == 2)
        #expect(next?.last == TestClock.start.addingTimeInterval(86_401))
    }

    @Test func `what could not be written in full is kept in full the next time, once`() throws {
        for number in 0..<100 { note(.proven(key, ada), from: "192.0.2.\(number)") }
        note(.keyInvalid, .canary(other, ada))
        let lost = try #require(tally.take())
        #expect(lost.entries.count == 65)
        tally.restore(lost)
        for number in 0..<100 { note(.proven(key, ada), from: "192.0.2.\(number)", after: 1) }
        for second in 1...3 { note(.keyInvalid, .canary(other, ada), after: Double(second)) }
        let batch = try #require(tally.take())
        #expect(batch.entries.count == 65)
        #expect(batch.entries.last?.isCanary == true)
        #expect(batch.entries.count { $0.isLastOfHour } == 1)
        #expect(total(batch) == 204)
        note(.proven(key, ada), after: 2)
        #expect(tally.take()?.entries.isEmpty == true)
    }

    @Test func `what could not be written in the hour before opens no place in this one`() throws {
        note(.proven(key, ada))
        let lost = try #require(tally.take())
        note(.proven(key, ada), after: 3600)
        #expect(tally.take()?.entries.count == 1)
        tally.restore(lost)
        note(.proven(key, ada), after: 3601)
        #expect(tally.take()?.entries.isEmpty == true)
    }

    @Test func `counts that could not be written are added to the next`() throws {
        note(.proven(key, ada))
        let lost = try #require(tally.take())
        note(.proven(key, ada), after: 5)
        note(.rateLimited, .proven(key, ada), after: 6)
        tally.restore(lost)
        let batch = try #require(tally.take())
        #expect(total(batch) == 3)
        let group = RefusalBatch.Group(day: UTCDay(containing: TestClock.start), key: key, code: .quotaExhausted)
        #expect(batch.counts[group]?.count == 2)
        #expect(batch.counts[group]?.last == TestClock.start.addingTimeInterval(5))
        tally.restore(batch)
        #expect(total(tally.take()) == 3)
    }
}
