import BursarFoundation
import BursarModel
import Spend
import StorageTestSupport
import TestSupport
import Testing

@testable import Storage

/// Calls are counted once each, for whom they were made.
@Suite struct SpendIngestTests {
    private let place = TemporaryStore()
    private let store: Store

    init() async throws {
        store = try await place.made()
        try store.addAda()
    }

    private func sums(_ table: String = "spend_daily") throws -> [String] {
        try store.rows("SELECT sum(calls) AS calls, sum(input) AS input, sum(output) AS output FROM \(table)")
    }

    private func expectSound() throws {
        for check in DatabaseCheck.allCases { #expect(try store.upkeep.firstFlaw(check) == nil) }
    }

    // MARK: Once

    @Test func `a record that is delivered again counts once, in the same batch and in a later one`() throws {
        let calls = (1...5).map { SpendLog.call($0, hours: Double($0)) }
        let first = try store.ingest(calls + calls.prefix(2))
        #expect((first.records, first.calls, first.duplicates) == (7, 5, 2))
        let second = try store.ingest(calls.reversed() + [SpendLog.call(6)])
        #expect((second.records, second.calls, second.duplicates) == (6, 1, 5))
        #expect(try sums() == ["6 6000 600"])
        #expect(try store.spend.state().duplicates == 7)
        try expectSound()
    }

    @Test func `some of many records that are known are found among the new ones`() throws {
        let calls = (1...3000).map { SpendLog.call($0, hours: Double($0 % 50)) }
        try store.ingest(calls.filter { $0.time % 7 == 0 || $0.requestID.hasSuffix("3") })
        let known = calls.count { $0.time % 7 == 0 || $0.requestID.hasSuffix("3") }
        let tally = try store.ingest(calls.shuffled())
        #expect((tally.calls, tally.duplicates) == (Int64(calls.count - known), Int64(known)))
        #expect(try sums() == ["3000 3000000 300000"])
        try expectSound()
    }

    @Test func `one request id in another region or hour is another call`() throws {
        let tally = try store.ingest([
            SpendLog.call(1), SpendLog.call(1, region: "us-west-2"), SpendLog.call(1, hours: 1),
        ])
        #expect(tally.calls == 3)
    }

    @Test func `a call without tokens counts as a call`() throws {
        try store.ingest([SpendLog.call(1, tokens: .zero)])
        #expect(try sums() == ["1 0 0"])
    }

    @Test func `two programs that bring in the same log at once count each call once`() async throws {
        let calls = (1...4000).map { SpendLog.call($0, session: "ada\($0 % 3)", hours: Double($0 % 200)) }
        let other = try await place.opened()
        try await withThrowingTaskGroup(of: Int64.self) { group in
            for (writer, seed) in [(store, 1), (other, 2)] {
                group.addTask {
                    var random = SeededGenerator(seed: UInt64(seed))
                    var (rest, count) = (calls.shuffled(using: &random)[...], Int64(0))
                    let ingest = writer.ingest()
                    while !rest.isEmpty {
                        count += try ingest.add(SpendLog.batch(Array(rest.prefix(300)))).calls
                        rest = rest.dropFirst(300)
                        await Task.yield()
                    }
                    return count
                }
            }
            let count = try await group.reduce(0, +)
            #expect(count == 4000)
        }
        #expect(try sums() == ["4000 4000000 400000"])
        try expectSound()
    }

    @Test func `a server's login may count calls, and remove the keys of old ones`() throws {
        let key = try store.issueKey()
        let server = try place.openedByServer()
        let calls = [SpendLog.call(1), SpendLog.call(2, session: "ada+\(key)")]
        #expect(try server.ingest(calls).calls == 2)
        #expect(try server.ingest().add(SpendLog.batch(quarantined: ["x"])).quarantined == 1)
        let later = server.ingest(months: 1, days: 70)
        #expect(try later.add(SpendLog.batch([SpendLog.call(3, hours: 24 * 69)])).calls == 1)
        #expect(try store.rows("SELECT count(*) AS count FROM spend_calls") == ["1"])
        #expect(try server.spendLease.take(as: "server", at: TemporaryStore.now))
        #expect(try server.spendLines(.project).count == 1)
        try expectSound()
    }

    // MARK: Owners

    @Test func `a session is its researcher's by handle, and its key's by the id in its name`() throws {
        let key = try store.issueKey()
        try store.ingest([
            SpendLog.call(1, session: "ada"), SpendLog.call(2, session: "ADA+\(key)"), SpendLog.call(3, session: "eve"),
            SpendLog.call(4, session: "ada", role: "another"), SpendLog.call(5, session: SessionName.check),
            SpendLog.call(6, session: "ada+zzzzzzzzzzzz"),
        ])
        #expect(
            try store.spendLines(.researcher).map { $0.split(separator: " ").dropLast().joined(separator: " ") }
                .sorted() == [
                    "(Bursar's own checks) 1", "(other role another) 1", "(unknown session of bursar-bedrock) 2",
                    "ada 2",
                ]
        )
        let keys = try store.spendLines(.key).map { $0.split(separator: " ").dropLast().joined(separator: " ") }
        #expect(keys.contains("\(key) 1") && keys.contains("(no key of ada) 1"), "\(keys)")
        #expect(try store.spendLines(.key) { $0.key = key }.count == 1)
        #expect(
            try store.spendLines(.model) { $0.researcher = "ada" }.first?.hasPrefix("\(SpendLog.sonnet) 2 ") == true
        )
    }

    @Test func `calls of a user, of the root user and of AWS itself have rows of their own`() throws {
        let calls = [
            "arn:aws:iam::123456789012:user/BedrockAPIKey-1", "arn:aws:iam::123456789012:root",
            "bedrock.amazonaws.com", nil,
        ].enumerated().map { number, caller in
            LoggedCall(
                time: TemporaryStore.now.milliseconds,
                account: "123456789012",
                region: "us-east-1",
                requestID: "r\(number)",
                operation: "Converse",
                modelID: SpendLog.sonnet,
                caller: caller,
                tokens: .zero
            )
        }
        try store.ingest(calls)
        #expect(
            try store.spendLines(.project).sorted() == [
                "(AWS service) 2 0", "(IAM user BedrockAPIKey-1) 1 0", "(root user) 1 0",
            ]
        )
    }

    @Test func `a call belongs to the project of its time`() throws {
        let key = try store.issueKey()
        let change = TemporaryStore.now.addingTimeInterval(3600)
        for (table, column, name) in [
            ("key_projects", "key_id", key.description), ("researcher_projects", "researcher", "ada"),
        ] {
            try store.change(
                "INSERT INTO \(table) (\(column), since, project) VALUES (?, ?, 'looms')",
                [name, change]
            )
        }
        let hours: [Double] = [-1, 0.5, 1, 2]
        let calls = hours.flatMap { hours in ["ada", "ada+\(key)"].map { (session: $0, hours: hours) } }
        try store.ingest(
            calls.enumerated().map { SpendLog.call($0, session: $1.session, hours: $1.hours, tokens: .zero) }
        )
        #expect(try store.spendLines(.project) == ["engines 4 0", "looms 4 0"])
        #expect(try store.spendLines(.key) { $0.project = "looms" }.sorted() == ["(no key of ada) 2 0", "\(key) 2 0"])
    }

    @Test func `self-tests are Bursar's own`() throws {
        let handle = try #require(Handle("bursar-selftest-1"))
        #expect(try store.administration.addSelftest(handle, keys: [], by: TemporaryStore.act))
        try store.ingest([SpendLog.call(1, session: "bursar-selftest-1")])
        #expect(try store.spendLines(.researcher).first?.hasPrefix("(Bursar's own checks) 1 ") == true)
    }

    // MARK: Quarantine and age

    @Test func `a line that can't be counted is kept once, as its hash`() throws {
        let lines = ["{\"timestamp\":", "x", "x"]
        #expect(try store.ingest().add(SpendLog.batch(quarantined: lines)).quarantined == 2)
        let again = try store.ingest().add(SpendLog.batch(quarantined: lines + ["y"]))
        #expect((again.records, again.quarantined) == (4, 1))
        #expect(try store.spend.state().quarantined == 3)
        let kept = try store.spend.quarantine(limit: 10)
        #expect(Set(kept.map(\.place)) == ["calls.jsonl, line 1", "calls.jsonl, line 2", "calls.jsonl, line 4"])
        #expect(kept.allSatisfy { $0.hash.count == 32 && $0.reason == QuarantineReason.notJSON.rawValue })
    }

    @Test func `the newest record tells the age of the data, and one from the future doesn't`() throws {
        #expect(try store.spend.state().latest == nil)
        try store.ingest([SpendLog.call(1), SpendLog.call(2, hours: -5)])
        #expect(try store.spend.state().latest == TemporaryStore.now)
        try store.ingest([SpendLog.call(3, hours: 24 * 4000)])
        #expect(try store.spend.state().latest == TemporaryStore.now.addingTimeInterval(86_400))
    }

    @Test func `records from before the months that are kept are left out`() throws {
        // 2026-01-03, so with one month from 2025-12-01 on.
        let ingest = store.ingest(months: 1)
        let days = [-33, -32, -1].map { SpendLog.call($0, hours: Double($0) * 24) }
        let tally = try ingest.add(SpendLog.batch(days))
        // 2025-11-30, and the first hours of 2025-12-01.
        #expect((tally.calls, tally.tooOld) == (2, 1))
        #expect(try store.spend.state().tooOld == 1)
    }

    @Test func `keys of old calls go, and their calls never count again`() throws {
        try store.ingest([SpendLog.call(1), SpendLog.call(2, hours: 24 * 20), SpendLog.call(3, hours: 30 * 24)])
        let later = store.ingest(months: 1, days: 70)
        for number in 10..<14 {
            #expect(try later.add(SpendLog.batch([SpendLog.call(number, hours: 24 * 69)])).calls == 1)
        }
        // 2026-03-13: records are taken from 2026-02-01 on.
        #expect(try store.rows("SELECT count(*) AS count FROM spend_calls") == ["5"])
        let again = try later.add(SpendLog.batch([SpendLog.call(1), SpendLog.call(2, hours: 24 * 20)]))
        #expect((again.calls, again.tooOld) == (0, 2))
        // Sums stay, and what is gone stays too old when more months are to be kept.
        #expect(try sums() == ["7 7000 700"])
        let longer = try store.ingest(months: 25, days: 70).add(SpendLog.batch([SpendLog.call(1)]))
        #expect((longer.calls, longer.tooOld) == (0, 1))
        try expectSound()
    }

    @Test func `a clock that is years ahead removes no keys`() throws {
        try store.ingest([SpendLog.call(1)])
        let tally = try store.ingest(days: 4000).add(SpendLog.batch([SpendLog.call(2)]))
        #expect(tally.tooOld == 1)
        #expect(try store.ingest([SpendLog.call(1), SpendLog.call(2)]).duplicates == 1)
    }

    @Test(arguments: [
        "DELETE FROM spend_calls", "UPDATE spend_calls SET hour = hour + 1",
        "UPDATE spend_totals SET value = value - 1 WHERE name = 'duplicates'", "DELETE FROM spend_totals",
        "INSERT INTO spend_totals (name, value) VALUES ('another', 1)",
    ])
    func `what keeps a call from counting twice can't be taken away`(_ sql: String) throws {
        try store.ingest([SpendLog.call(1), SpendLog.call(1)])
        #expect(throws: StoreError.self) { try store.change(sql) }
        #expect(try store.ingest([SpendLog.call(1)]).duplicates == 1)
    }

    // MARK: Checks and the lease

    @Test(arguments: [
        ("UPDATE spend_daily SET input = input + 1", "spend_monthly differs from spend_daily in 2026-01"),
        ("UPDATE spend_days SET output = 0", "spend_days differs from spend_daily on 2026-01-02"),
        ("DELETE FROM spend_calls WHERE hour > 0", "spend_days counts 2 calls on 2026-01-02 where there are 0"),
    ])
    func `sums that aren't those of the calls are named`(_ edit: String, _ flaw: String) throws {
        try store.ingest([SpendLog.call(1), SpendLog.call(2)])
        try expectSound()
        try store.edit(edit)
        #expect(try store.upkeep.firstFlaw(.rollUps) == flaw)
    }

    @Test func `one program at a time has the lease, until it ends or is given up`() throws {
        let date = TemporaryStore.now
        #expect(try store.spendLease.take(as: "one", at: date))
        #expect(try !store.spendLease.take(as: "two", at: date + 89))
        #expect(try store.spendLease.take(as: "one", at: date + 60))
        #expect(try !store.spendLease.take(as: "two", at: date + 149))
        #expect(try store.spendLease.take(as: "two", at: date + 150))
        // After a clock was set back the old holder isn't waited for.
        #expect(try store.spendLease.take(as: "one", at: date - 86_400))
    }
}
