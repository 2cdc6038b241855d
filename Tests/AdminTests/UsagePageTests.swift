import BursarFoundation
import BursarModel
import HTMLTemplates
import TestSupport
import Testing

/// The page that is mailed: its numbers, and that names in it stay names, as Chromium reads it.
@Suite(.enabled(if: BrowsedPage.isBrowserInstalled))
struct UsagePageTests {
    private static let range = "--since 2026-01-01 --until 2026-03-31"
    private static let names = [
        "ada": #"<script>document.title="ran"</script>"#,
        // Of one grapheme with what follows, so that a look at whole characters passes over the bracket.
        "bob": "\u{0600}<script>document.title=\"ran\"</script>",
        "leila": "ליאת كهن", "zoe": "👩‍🔬 Zoë 研究者", "eve": "\"\u{0301} onload=\"document.title='ran'",
    ]

    private let context: UsageDatabase

    init() async throws {
        context = try UsageDatabase()
        for (number, (handle, name)) in Self.names.sorted(by: { $0.key < $1.key }).enumerated() {
            let project =
                number.isMultiple(of: 2) ? "\u{0600}<img src=x onerror=\"document.title='ran'\">" : "looms & co"
            let key = try context.add(handle, name: name, project: project)
            for day in 0...number * 3 {
                try await context.vend(key, onDay: day, times: number + 1, from: "192.0.\(day % 4).1")
            }
            try context.refuse(.rateLimited, key, onDay: number)
        }
        try context.refuse(.keyInvalid, nil, onDay: 2)
    }

    /// The page as it is after the browser had it.
    private func page(_ options: String = "") async throws -> BrowsedPage {
        let file = context.folder + "/page.html"
        // --force, since a test may have it written more than once.
        let command = "usage report \(Self.range) --format html --force --output \(file) \(options)"
        let written = try await context.admin(command)
        try #require(written.isSuccess, "\(written.errors)")
        return try await BrowsedPage(file, in: context.folder)
    }

    private struct Row: Decodable {
        let researcher: String?
        let name: String?
        let project: String?
        let time: String?
        let outcome: String?
        let network: String?
        let keysUsed: Int?
        let researchers: Int?
        let keys: Int?
        let vends: Int?
        let refusals: Int?
        let count: Int?

        func cells(_ texts: [String?], _ numbers: [Int?]) -> [String] {
            texts.map { $0 ?? "" } + numbers.map { "\($0 ?? -1)" }
        }
    }

    @Test func `its numbers are those of the JSON on the same range`() async throws {
        let tables = try await page().tables
        let researchers = try await context.report("--by researcher", as: Row.self)
        #expect(researchers.count == 6)
        #expect(
            tables["researchers-table"]?.map { Array($0[0...5]) }
                == researchers.map {
                    $0.cells(
                        [$0.researcher ?? "(no such key)", $0.name ?? "-", $0.project ?? "-"],
                        [$0.keysUsed, $0.vends, $0.refusals]
                    )
                }
        )
        let projects = try await context.report("--by project", as: Row.self)
        #expect(
            tables["projects-table"]?.map { Array($0[0...4]) }
                == projects.map {
                    $0.cells([$0.project ?? "(no such key)"], [$0.researchers, $0.keysUsed, $0.vends, $0.refusals])
                }
        )
        let days = try await context.report("--by day", as: Row.self)
        #expect(tables["time-table"] == days.map { $0.cells([$0.time], [$0.vends, $0.refusals]) })
        let outcomes = try await context.report("--by outcome", as: Row.self)
        #expect(
            tables["outcomes-table"]?.map { Array($0[0...1]) } == outcomes.map { $0.cells([$0.outcome], [$0.count]) }
        )
        let networks = try await context.report("--by address", as: Row.self)
        #expect(
            tables["addresses-table"]?.map { Array($0[0...2]) }
                == networks.map { $0.cells([$0.network], [$0.keys, $0.vends]) }
        )
    }

    @Test func `nothing in it runs or comes from outside, whatever people are called`() async throws {
        let page = try await page("--by key")
        #expect(page.scripts == 0)
        #expect(page.outside.isEmpty)
        #expect(page.title == "Use of Amazon Bedrock, 2026-01-01 to 2026-03-31")
        #expect(page.charts == 6)
        #expect(page.tables.count == 6)
        let names = page.tables["researchers-table"]?.map { $0[1] } ?? []
        #expect(Set(names).isSuperset(of: Self.names.values))
    }

    @Test func `who comes first, the days last and folded, and what is one row only is left out`() async throws {
        let all = try await context.admin("usage report \(Self.range) --format html").output
        let order = ["researchers", "projects", "outcomes", "addresses", "time"]
            .compactMap { all.firstRange(of: "<h2 id=\"\($0)\"")?.lowerBound }
        #expect(order.count == 5 && order == order.sorted())
        let folded = try #require(all.firstRange(of: "<details>\n<summary>each day (90)</summary>"))
        #expect(folded.lowerBound > (order.last ?? all.startIndex))
        #expect(all.contains("Hand-overs of credentials; not calls, not money"))
        #expect(all.contains("<p>1 January 2026 to 31 March 2026, 90 days, UTC"))
        #expect(all.contains("5 Jan 2026, 12:00") && !all.contains(">2026-01-05T12:00:00Z<"))
        let ada = try await page("--researcher ada")
        #expect(Set(ada.tables.keys) == ["researchers-table", "outcomes-table", "time-table"])
        #expect(try await page("--researcher ada --by project").tables["projects-table"]?.count == 1)
        let byDay = try await context.admin("usage report \(Self.range) --by day --format html").output
        #expect(!byDay.contains("<details>"))
    }

    @Test func `narrowed to what has no use it still is a page`() async throws {
        let page = try await page("--researcher ada --outcome quota_exhausted")
        #expect(page.charts == 0)
        #expect(page.tables["researchers-table"]?.isEmpty == true)
        #expect(page.title == "Use of Amazon Bedrock by researcher ada, 2026-01-01 to 2026-03-31")
        #expect(page.tables["addresses-table"] == nil)
    }

    @Test func `its charts have titles, and its policy lets nothing in`() async throws {
        let outcome = try await context.admin("usage report \(Self.range) --format html")
        #expect(outcome.output.contains("content=\"default-src 'none'; style-src 'unsafe-inline'\""))
        #expect(outcome.output.components("<svg ") == outcome.output.components("<title id="))
        #expect(outcome.output.components("<svg ") == outcome.output.components("<desc id="))
        #expect(outcome.output.contains("prefers-color-scheme: dark"))
        #expect(!outcome.output.contains("<script"))
        #expect(!outcome.output.contains("<img"))
    }
}

extension String {
    /// How often `part` is in it.
    fileprivate func components(_ part: String) -> Int { ranges(of: part).count }
}

/// The escapes of the page's template.
struct PageEscapingTests {
    @Test(arguments: ["<", "\u{0600}<", "<\u{0338}", "\"\u{0301}", "&\u{200D}", "'\u{FE0F}", ">\u{20E3}"])
    func `escaping looks at scalars`(_ text: String) throws {
        let escaped = try HTMLTemplate(Array("{{text}}".utf8)).render(["text": text])
        #expect(!escaped.unicodeScalars.contains { "<>\"'".unicodeScalars.contains($0) })
        #expect(escaped.unicodeScalars.contains("&") && escaped.unicodeScalars.contains(";"))
    }
}
