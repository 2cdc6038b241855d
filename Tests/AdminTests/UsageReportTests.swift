import BursarCore
import TestSupport
import Testing

/// Reports as people and programs read them, and what is refused.
@Suite struct UsageReportTests {
    private let desk: UsageDesk

    init() async throws {
        desk = try UsageDesk()
        let ada = try desk.add("ada", project: "=engines", label: "-laptop")
        let bob = try desk.add("bob", project: "looms")
        try await desk.vend(ada, onDay: 0, times: 3)
        try await desk.vend(ada, onDay: 8, times: 2)
        try await desk.vend(bob, onDay: 30, times: 4)
        try desk.refuse(.rateLimited, bob, onDay: 30)
    }

    private struct Row: Decodable, Equatable {
        var time: String?
        var researcher: String?
        let vends: Int
        let refusals: Int
    }

    @Test func `a week and a month are named as ISO 8601 has them`() async throws {
        let weeks = try await desk.report("--by week", as: Row.self)
        #expect(weeks.map(\.time) == ["2026-W02", "2026-W03", "2026-W04", "2026-W05", "2026-W06"])
        #expect(weeks.map(\.vends) == [3, 2, 0, 0, 4])
        let months = try await desk.report("--by month", as: Row.self)
        #expect(months == [Row(time: "2026-01", vends: 5, refusals: 0), Row(time: "2026-02", vends: 4, refusals: 1)])
    }

    @Test func `it is narrowed to a researcher, a project, a key or an outcome`() async throws {
        #expect(try await desk.report("--researcher BOB", as: Row.self).map(\.vends) == [4])
        #expect(try await desk.report("--project looms --by day", as: Row.self).map(\.vends) == [4])
        #expect(try await desk.report("--outcome refused", as: Row.self).map(\.refusals) == [1, 0])
        let keys = try await desk.admin("usage report --since 2026-01-01 --until 2026-03-31 --by key --format csv")
        let line = try #require(keys.output.split(whereSeparator: \.isNewline).last)
        let id = try #require(line.split(separator: ",").first)
        #expect(try await desk.report("--key \(id.prefix(8))", as: Row.self).map(\.vends) == [4])
    }

    @Test func `cells that a spreadsheet would run are text`() async throws {
        let options = "usage report --since 2026-01-01 --until 2026-03-31 --format csv"
        #expect(try await desk.admin(options).output.contains("ada,N,'=engines,1,5,0,"))
        #expect(try await desk.admin(options + " --by key").output.contains(",ada,'-laptop,'=engines,5,0,"))
    }

    @Test func `a month and the last days are ranges too`() async throws {
        let month = try await desk.admin("usage report --month 2026-02 --researcher bob")
        #expect(month.errors == "admin: 4 vends and 1 refusal from 2026-02-01 to 2026-02-28, UTC\n")
        let table = "researcher  name  project  keys used  vends  refusals  last vend\n"
        #expect(month.output == table + "bob         N     looms            1      4         1  2026-02-04T12:00:00Z\n")
        #expect(try await desk.admin("usage report --last 1d").isSuccess)
    }

    @Test(arguments: [
        ("--since 2026-02-30", "--since \"2026-02-30\" is not a day", "write it as 2026-11-30"),
        ("--since 2026-02-02 --until 2026-02-01", "2026-02-02 is after 2026-02-01", "--since is the earlier day"),
        ("--month 2026-13", "--month \"2026-13\" is not a month", "write it as 2026-11"),
        ("--last 0d", "--last \"0d\" is not a number of days", "write it as 30d"),
        ("--last 5h", "--last \"5h\" is not a number of days", "write it as 30d"),
        (
            "--last 5d --month 2026-01", "more than one range of days is given",
            "--since and --until, or --last, or --month"
        ),
        ("--researcher adda", "there is no researcher \"adda\"", "did you mean ada? admin researchers list shows them"),
        ("--researcher nobody-near", "there is no researcher \"nobody-near\"", "admin researchers list shows them"),
        ("--project loom", "there is nobody in a project \"loom\"", "did you mean looms?"),
        ("--key zzzz", "there is no key \"zzzz\"", "admin keys list shows them"),
        ("--outcome rate_limitd", "--outcome \"rate_limitd\" is none there is", "did you mean rate_limited?"),
        (
            "--by address --outcome refused", "refusals are not counted by address",
            "admin audit list shows where they came from"
        ),
    ])
    func `what makes no sense is refused, with the next step`(_ options: String, _ error: String, _ hint: String)
        async throws
    {
        let outcome = try await desk.admin("usage report \(options)")
        #expect(outcome.exitCode == 1)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors == "admin: error: \(error)\nadmin: hint: \(hint)\n")
    }

    @Test func `in a pipe there are no bars`() async throws {
        let outcome = try await desk.admin("usage report --since 2026-01-01 --until 2026-03-31")
        #expect(!outcome.output.contains("█") && !outcome.output.contains("\u{1B}"))
    }

    @Test func `it goes into a file that only its owner may read`() async throws {
        let path = desk.folder + "/report.csv"
        let command = "usage report --month 2026-01 --format csv --output \(path)"
        #expect(try await desk.admin(command).isSuccess)
        let again = try await desk.admin(command)
        let problem = "admin: error: there is a file at \(path) already\n"
        #expect(again.exitCode == 1)
        #expect(again.errors == problem + "admin: hint: name a new one, or --force replaces it\n")
        #expect(try await desk.admin(command + " --force").isSuccess)
        #expect(try await desk.run("/usr/bin/stat", ["-c", "%a", path]).output == "600\n")
    }
}
