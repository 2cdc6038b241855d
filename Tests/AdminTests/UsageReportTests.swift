import BursarFoundation
import BursarModel
import Storage
import TestSupport
import Testing
import Vending

/// Reports as people and programs read them, and what is refused.
@Suite struct UsageReportTests {
    private let context: UsageDatabase

    init() async throws {
        context = try UsageDatabase()
        let ada = try context.add("ada", project: "=engines", label: "-laptop")
        let bob = try context.add("bob", project: "looms")
        try await context.vend(ada, onDay: 0, times: 3)
        try await context.vend(ada, onDay: 8, times: 2)
        try await context.vend(bob, onDay: 30, times: 4)
        try context.refuse(.rateLimited, bob, onDay: 30)
    }

    private struct Row: Decodable, Equatable {
        var time: String?
        var researcher: String?
        let vends: Int
        let refusals: Int
    }

    @Test(arguments: [
        ("researcher", 9, 1), ("project", 9, 1), ("key", 9, 1), ("day", 9, 1), ("week", 9, 1), ("month", 9, 1),
        ("outcome", 9, 1), ("address", 9, 0),
    ])
    func `JSON says which days it is of, by what, and the totals`(_ by: String, _ vends: Int, _ refusals: Int)
        async throws
    {
        struct Ignored: Decodable {}
        let document = try await context.document("--by \(by)", as: Ignored.self)
        #expect((document.by, document.since, document.until) == (by, "2026-01-01", "2026-03-31"))
        #expect(document.totals == .init(vends: vends, refusals: refusals))
        let unused = try await context.admin("usage report --month 2025-01 --by \(by) --format json")
        let empty = try JSONDecoder().decode(ReportDocument<Ignored>.self, from: Data(unused.output.utf8))
        #expect((empty.since, empty.until) == ("2025-01-01", "2025-01-31"))
        #expect(empty.totals == .init(vends: 0, refusals: 0))
    }

    @Test func `what there is nothing to say of is an empty cell in CSV, and a dash in a table`() async throws {
        _ = try context.add("cleo")
        let options = "usage report --since 2026-01-01 --until 2026-03-31 --researcher cleo"
        #expect(try await context.admin(options + " --format csv").output.hasSuffix("cleo,N,engines,0,0,0,\n"))
        #expect(try await context.admin(options + " --by project").output.contains("0  -\n"))
        let keys = try await context.admin("keys list --researcher cleo --format csv").output
        #expect(keys.contains(",cleo,engines,,active,"))
        #expect(try await context.admin("keys list --researcher cleo").output.contains("engines  -      active"))
    }

    @Test func `a week and a month are named as ISO 8601 has them`() async throws {
        let weeks = try await context.report("--by week", as: Row.self)
        #expect(weeks.map(\.time) == (1...14).map { "2026-W" + ($0 < 10 ? "0" : "") + "\($0)" })
        #expect(weeks.map(\.vends) == [0, 3, 2, 0, 0, 4] + [Int](repeating: 0, count: 8))
        let months = try await context.report("--by month", as: Row.self)
        #expect(months.map(\.time) == ["2026-01", "2026-02", "2026-03"])
        #expect(months.map(\.vends) == [5, 4, 0] && months.map(\.refusals) == [0, 1, 0])
    }

    @Test func `days before the first use and after the last are there, unless the range is long`() async throws {
        let days = try await context.report("--by day", as: Row.self)
        #expect(days.count == 90 && days.first?.time == "2026-01-01" && days.last?.time == "2026-03-31")
        let long = try await context.admin("usage report --since 2001-01-01 --until 2026-12-31 --by day --format csv")
        let lines = long.output.split(whereSeparator: \.isNewline)
        #expect(lines.count == 32 && lines[1] == "2026-01-05,3,0" && lines[31] == "2026-02-04,4,1")
        #expect(long.errors.contains("the range is long: the time before the first use and after the last is left out"))
        let unused = try await context.admin("usage report --month 2025-01 --by day")
        #expect(unused.errors.hasPrefix("admin: there was no use\n") && unused.output.isEmpty)
    }

    @Test func `the use of a canary is no refusal of whom it is named for, nor in a page`() async throws {
        let canary = try context.add("cleo", label: "trap", isCanary: true)
        try context.refuse(
            VendError(.keyInvalid, .canary(canary, try #require(Handle("cleo")))),
            at: UsageDatabase.date(3)
        )
        #expect(try await context.report("--researcher cleo", as: Row.self).map(\.refusals) == [0])
        #expect(try await context.report("--researcher cleo --by project", as: Row.self).map(\.refusals) == [0])
        let days = try await context.report("--researcher cleo --by day", as: Row.self)
        #expect(days.allSatisfy { $0.refusals == 0 })
        #expect(try await context.report("--researcher cleo --by key", as: Row.self).map(\.refusals) == [1])
        let options = "usage report --since 2026-01-01 --until 2026-03-31"
        #expect(try await context.admin(options + " --by outcome").output.contains("canary_used"))
        let page = try await context.admin(options + " --by key --format html").output
        #expect(!page.contains("canary") && !page.contains("trap") && !page.contains(canary.description))
        #expect(page.contains("1 more researcher had no use.") && !page.contains("cleo"))
    }

    @Test func `it is narrowed to a researcher, a project, a key or an outcome`() async throws {
        #expect(try await context.report("--researcher BOB", as: Row.self).map(\.vends) == [4])
        #expect(try await context.report("--project looms --by month", as: Row.self).map(\.vends) == [0, 4, 0])
        #expect(try await context.report("--outcome refused", as: Row.self).map(\.refusals) == [1, 0])
        let keys = try await context.admin("usage report --since 2026-01-01 --until 2026-03-31 --by key --format csv")
        let line = try #require(keys.output.split(whereSeparator: \.isNewline).last)
        let id = try #require(line.split(separator: ",").first)
        #expect(try await context.report("--key \(id.prefix(8))", as: Row.self).map(\.vends) == [4])
    }

    @Test func `what a key did counts for the project that it had then`() async throws {
        let key = try context.add("zoe", project: "engines")
        try await context.vend(key, onDay: 0, times: 3)
        var change = KeyChange()
        change.project = "sails"
        let act = AuditContext(actor: "root@desk", date: UsageDatabase.date(1))
        _ = try context.store.administration.update(key, change, by: act) { _, _ in }
        try await context.vend(key, onDay: 2, times: 2)
        let rows = try await context.report("--researcher zoe --by project", as: Row.self)
        #expect(rows.map(\.vends) == [3, 2])
        #expect(try await context.report("--project sails --by key", as: Row.self).map(\.vends) == [2])
        #expect(try await context.report("--researcher zoe --by key", as: Row.self).map(\.vends) == [3, 2])
        let table = try await context.admin("usage report --since 2026-01-01 --until 2026-03-31 --researcher zoe")
            .output
        #expect(table.contains("engines, sails"), "\(table)")
    }

    @Test(arguments: ["researcher", "project", "key"])
    func `refusals of ids that no key has are named for people, and have no name for programs`(by: String) async throws
    {
        try context.refuse(.keyInvalid, nil, onDay: 40)
        let options = "usage report --since 2026-01-01 --until 2026-12-31 --by \(by)"
        #expect(try await context.admin(options).output.contains("(no such key)"))
        let lines = try await context.admin(options + " --format csv").output.split(whereSeparator: \.isNewline)
        #expect(lines.contains { $0.hasPrefix(",") }, "\(lines)")
        #expect(!lines.contains { $0.contains("no such key") }, "\(lines)")
    }

    @Test func `cells that a spreadsheet would run are text`() async throws {
        let options = "usage report --since 2026-01-01 --until 2026-03-31 --format csv"
        #expect(try await context.admin(options).output.contains("ada,N,'=engines,1,5,0,"))
        #expect(try await context.admin(options + " --by key").output.contains(",ada,'-laptop,'=engines,5,0,"))
    }

    @Test func `a month and the last days are ranges too`() async throws {
        let month = try await context.admin("usage report --month 2026-02 --researcher bob")
        #expect(month.errors == "admin: 4 vends and 1 refusal from 2026-02-01 to 2026-02-28, UTC\n")
        let table = "researcher  name  project  keys used  vends  refusals  last vend\n"
        #expect(month.output == table + "bob         N     looms            1      4         1  2026-02-04T12:00:00Z\n")
        #expect(try await context.admin("usage report --last 1d").isSuccess)
    }

    @Test(arguments: [
        ("--since 2026-02-30", "--since \"2026-02-30\" is not a day that there is", "write it as 2026-11-30"),
        ("--since 2026-02-02 --until 2026-02-01", "2026-02-02 is after 2026-02-01", "--since is the earlier day"),
        ("--since yesterday", "--since \"yesterday\" is not written as a day is", "write it as 2026-11-30"),
        ("--month 2026-13", "--month \"2026-13\" is not a month", "write it as 2026-11"),
        ("--last 0d", "--last \"0d\" is not a number of days", "write it as 30d"),
        ("--last 5h", "--last \"5h\" is not a number of days", "write it as 30d"),
        (
            "--last 5d --month 2026-01", "more than one range of days is given",
            "--since and --until, or --last, or --month"
        ),
        ("--researcher adda", "there is no researcher \"adda\"", "did you mean ada? admin researchers list shows them"),
        ("--researcher nobody-near", "there is no researcher \"nobody-near\"", "admin researchers list shows them"),
        ("--project loom", "there is no researcher and no key in a project \"loom\"", "did you mean looms?"),
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
        let outcome = try await context.admin("usage report \(options)")
        #expect(outcome.exitCode == (error.hasPrefix("there is ") ? 1 : 64))
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors == "admin: error: \(error)\nadmin: hint: \(hint)\n")
    }

    @Test func `in a pipe there are no bars`() async throws {
        let outcome = try await context.admin("usage report --since 2026-01-01 --until 2026-03-31")
        #expect(!outcome.output.contains("█") && !outcome.output.contains("\u{1B}"))
    }

    @Test func `it goes into a file that only its owner may read`() async throws {
        let path = context.folder + "/report.csv"
        let command = "usage report --month 2026-01 --format csv --output \(path)"
        #expect(try await context.admin(command).isSuccess)
        let again = try await context.admin(command)
        let problem = "admin: error: there is a file at \(path) already\n"
        #expect(again.exitCode == 1)
        #expect(again.errors == problem + "admin: hint: name a new one, or --force replaces it\n")
        #expect(try await context.admin(command + " --force").isSuccess)
        #expect(try await context.run("/usr/bin/stat", ["-c", "%a", path]).output == "600\n")
    }

    @Test func `it takes the place of no database, link or pipe`() async throws {
        let place = context.folder + "/elsewhere"
        let makings = [
            ("/bin/ln", ["-s", "nowhere", place]), ("/usr/bin/mkfifo", [place]),
            ("/usr/bin/printf", ["SQLite format 3\\0"]),
        ]
        for (program, arguments) in makings {
            let made = try await context.run(program, arguments)
            if !made.output.isEmpty { try Data(made.output.utf8).write(to: URL(filePath: place)) }
            let before = try await context.run("/usr/bin/stat", ["-c", "%F %i", place]).output
            #expect(try await !context.admin("usage report --output \(place)").isSuccess)
            #expect(try await context.run("/usr/bin/stat", ["-c", "%F %i", place]).output == before)
            try FileManager.default.removeItem(atPath: place)
        }
    }
}
