import BursarFoundation
import BursarModel
import Storage
import TestSupport
import Testing

@testable import admin

/// Records that leave, and records that go.
@Suite struct UsageRecordsTests {
    private let context: UsageDatabase
    private let ada: KeyID

    init() async throws {
        context = try UsageDatabase()
        ada = try context.add("ada", project: "engines")
        try await context.vend(ada, onDay: 0, times: 20)
        try await context.vend(ada, onDay: 10, times: 10)
    }

    private func lines(_ text: String) -> [Substring] { text.split(whereSeparator: \.isNewline) }

    private struct Record: Decodable {
        let sequence: Int
        let kind: String
        let detail: String?
    }

    private func records(_ options: String = "") async throws -> [Record] {
        let outcome = try await context.admin("usage export \(options)")
        try #require(outcome.isSuccess, "\(outcome.errors)")
        return try lines(outcome.output).map { try JSONDecoder().decode(Record.self, from: Data($0.utf8)) }
    }

    // MARK: Export

    @Test func `every record is a line, and that they left is a record`() async throws {
        #expect(try await records().map(\.sequence) == Array(1...32))
        let last = try #require(try await records().last)
        #expect(last.kind == "records_exported" && last.detail == "records 1 to 32")
        #expect(try await records("--kind vend --until 2026-01-05").count == 20)
        #expect(try await records("--since 2026-01-06 --kind vend").count == 10)
        #expect(try context.store.audit.firstBrokenRecord() == nil)
    }

    @Test func `as CSV it has a heading, also when nothing fits`() async throws {
        let heading =
            "sequence,kind,occurred,researcher,keyID,address,accessKeyID,expires,requestID,reason,actor,detail,"
        let empty = try await context.admin("usage export --format csv --since 2026-06-01 --until 2026-06-02")
        #expect(lines(empty.output) == [Substring(heading + "format,hash")])
        #expect(empty.errors == "admin: no record fits\n")
        let all = lines(try await context.admin("usage export --format csv --kind vend --researcher ada").output)
        #expect(all.count == 31)
        #expect(all[1].hasPrefix("3,vend,2026-01-05T12:00:00.000Z,ada,\(ada),192.0.2.1,ASIAEXAMPLE0000000001,"))
    }

    @Test func `a file that is there is not written over, and a new one is its owner's alone`() async throws {
        let path = context.folder + "/records.jsonl"
        let first = try await context.admin("usage export --output \(path)")
        #expect(first.errors == "admin: 32 records in \(path)\n")
        #expect(try await context.run("/usr/bin/stat", ["-c", "%a", path]).output == "600\n")
        let again = try await context.admin("usage export --output \(path)")
        #expect(again.exitCode == 1)
        #expect(again.errors.contains("there is a file at \(path) already"))
    }

    @Test func `a reader who goes ends it without a word`() async throws {
        try await context.vend(ada, onDay: 11, times: 2000)
        let script = "\"$0\" usage export 2>\"$1\" | head -n 1"
        let errors = context.folder + "/errors"
        let outcome = try await context.run("/bin/sh", ["-c", script, Checkout.program("admin"), errors])
        #expect(lines(outcome.output).count == 1)
        #expect(try String(contentsOf: URL(filePath: errors), encoding: .utf8).isEmpty)
    }

    @Test(arguments: [
        ("--kind vends", "--kind \"vends\" is none there is"), ("--researcher adda", "there is no researcher \"adda\""),
        ("--since 2026-01-32", "--since \"2026-01-32\" is not a day that there is"),
        ("--since 2026-02-02 --until 2026-02-01", "2026-02-02 is after 2026-02-01"),
        ("--output /nowhere/at/all", "/nowhere/at: no such file or folder"),
    ])
    func `what can't be exported is refused, and nothing is on record`(_ options: String, _ error: String) async throws
    {
        let outcome = try await context.admin("usage export \(options)")
        #expect(outcome.exitCode == (options.hasPrefix("--researcher") || options.hasPrefix("--output") ? 1 : 64))
        #expect(outcome.errors.hasPrefix("admin: error: \(error)\n"))
        #expect(try context.store.audit.chainHead().sequence == 32)
    }

    // MARK: Prune

    @Test func `a dry run says what would go, and leaves it`() async throws {
        let outcome = try await context.admin("usage prune --before 2026-01-06 --dry-run")
        #expect(
            outcome.errors == """
                admin: 22 records from 2026-01-05 to 2026-01-05, 2 of them of what operators did
                admin: nothing was changed: this was a dry run

                """
        )
        #expect(try await records().count == 32)
    }

    @Test func `what was pruned is gone, on record, and still in reports`() async throws {
        let outcome = try await context.admin("usage prune --before 2026-01-06 --yes")
        #expect(outcome.errors.hasSuffix("admin: removed 22 records\n"))
        let left = try await records()
        #expect(left.map(\.sequence) == Array(23...33))
        #expect(left.last?.kind == "records_pruned" && left.last?.detail == "before 2026-01-06, up to record 22")
        #expect(try context.store.audit.firstBrokenRecord() == nil)
        let note = "admin: pruned up to record 22; what is left begins at 2026-01-15T12:00:00Z\n"
        let none = try await context.admin("usage export --since 2026-01-01 --until 2026-01-06")
        #expect(none.isSuccess && none.errors == "admin: no record fits\n" + note)
        #expect(try await context.admin("audit list --since 2026-01-01 --format csv").errors == note)
        #expect(try await context.admin("audit list --since 2026-02-01 --format csv").errors.isEmpty)
        let report = try await context.admin("usage report --month 2026-01")
        #expect(report.errors == "admin: 30 vends from 2026-01-01 to 2026-01-31, UTC\n")
        let again = try await context.admin("usage prune --before 2026-01-06 --yes")
        #expect(again.isSuccess && again.errors == "admin: no record is older than 2026-01-06\n")
    }

    @Test func `without a terminal it wants --yes, and nothing goes`() async throws {
        let outcome = try await context.admin("usage prune --before 2026-01-06")
        #expect(outcome.exitCode == 1)
        #expect(outcome.errors.hasSuffix("admin: hint: add --yes to agree\n"))
        #expect(try context.store.audit.chainHead().sequence == 32)
        #expect(try await records().count == 32)
    }

    @Test(arguments: ["2126-01-01", "2026-02-30"])
    func `a day that is too late or is none is refused`(_ day: String) async throws {
        let outcome = try await context.admin("usage prune --before \(day) --yes")
        #expect(outcome.exitCode == (day == "2126-01-01" ? 1 : 64))
        let error = day == "2126-01-01" ? "may still live, and their records have to stay" : "is not a day"
        #expect(outcome.errors.contains(error))
        #expect(try await records().count == 32)
    }

    @Test func `where the chain of what would go is broken, nothing goes`() async throws {
        try await context.tamper("DROP TRIGGER records_stay; UPDATE records SET researcher = 'eve' WHERE sequence = 5")
        for options in ["--yes", "--dry-run"] {
            let outcome = try await context.admin("usage prune --before 2026-01-06 " + options)
            #expect(outcome.exitCode == 1)
            #expect(
                outcome.errors.contains(
                    "error: record 5 doesn't fit its hash: it is the first bad one, and was altered; nothing was removed\n"
                ),
                "\(outcome.errors)"
            )
            #expect(outcome.errors.contains("hint: keep a backup as it is"))
        }
        #expect(try await records().map(\.sequence) == Array(1...32))
    }

    @Test func `stopped by Ctrl-C, it says how to go on`() async throws {
        try await context.vend(ada, onDay: 20, times: 4000)
        let command = [Checkout.program("admin"), "usage", "prune", "--before", "2026-02-01", "--yes"]
        let errors = try await context.peer("interrupt.py", [context.database] + command)
        #expect(errors.contains("admin: error: stopped: ") && errors.contains(" of 4,032 records are removed\n"))
        #expect(errors.hasSuffix("admin: hint: admin usage prune --before 2026-02-01 goes on; what is left is whole\n"))
        #expect(try context.store.audit.firstBrokenRecord() == nil)
    }

    @Test func `killed on its way, it leaves a chain that holds, and the next run goes on`() async throws {
        try await context.vend(ada, onDay: 20, times: 4000)
        let command = [Checkout.program("admin"), "usage", "prune", "--before", "2026-02-01", "--yes"]
        let gone = try #require(Int(try await context.peer("kill.py", [context.database] + command)))
        #expect(gone > 0)
        #expect(try context.store.audit.firstBrokenRecord() == nil)
        #expect(try context.store.audit.chainHead().sequence == 4033)
        #expect(try await context.admin("usage prune --before 2026-02-01 --yes").isSuccess)
        #expect(try context.store.audit.firstBrokenRecord() == nil)
        let left = try await records()
        #expect(left.allSatisfy { $0.kind == "records_pruned" } && left.first?.sequence == 4033)
    }
}

/// How much goes at once.
@Suite struct PruneStepsTests {
    @Test func `steps grow while they are quick and shrink when they are not`() {
        var steps = PruneSteps()
        steps.adapt(.milliseconds(1))
        #expect(steps.count == 400)
        steps.adapt(.milliseconds(10))
        #expect(steps.count == 400)
        steps.adapt(.milliseconds(20))
        #expect(steps.count == 200)
        for _ in 0..<20 { steps.adapt(.seconds(1)) }
        #expect(steps.count == 20)
        for _ in 0..<40 { steps.adapt(.zero) }
        #expect(steps.count == 20_000)
    }
}
