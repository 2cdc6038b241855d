import BursarFoundation
import TestSupport
import Testing

/// The page of costs that is mailed: its figures are those of the report, and names in it stay names.
@Suite(.enabled(if: BrowsedPage.isBrowserInstalled))
struct SpendPageTests {
    private static let vectors = Checkout.root + "Tests/SpendTests/Vectors/"
    private static let month = "--month 2026-11"
    private let home: OperatorHome

    init() async throws {
        home = try OperatorHome()
        try await home.addAda()
        try await home.add("ben", project: "looms&co")
        let lists = ["offer-AmazonBedrock.json", "offer-AmazonBedrockFoundationModels.json"].map { Self.vectors + $0 }
        let updated = try await home.admin(["spend", "prices", "update", "--yes", "--file"] + lists)
        try #require(updated.isSuccess, "\(updated.errors)")
        let role = "arn:aws:iam::123456789012:role/bursar-bedrock"
        let imported = try await home.admin(["spend", "import", Self.vectors + "records.jsonl", "--role", role])
        try #require(imported.isSuccess, "\(imported.errors)")
    }

    private func html(_ options: String = "") async throws -> String {
        try await home.output("spend report \(Self.month) --format html \(options)")
    }

    private func page(_ options: String = "") async throws -> BrowsedPage {
        let file = try home.write(try await html(options), to: "page.html")
        return try await BrowsedPage(file, in: home.folder)
    }

    /// The cells of the report as a table, whose figures a page groups by thousands.
    private func rows(_ grouping: String) async throws -> [[String]] {
        let report = try await home.output("spend report \(Self.month) --by \(grouping) --format table")
        return report.split(separator: "\n").dropFirst().map { line in
            let cells = line.replacing("  ", with: "\t").split(separator: "\t")
            return cells.map { $0.trimming(" ") }
        }
    }

    @Test(arguments: [("researcher", "researchers"), ("project", "projects"), ("model", "models")])
    func `its figures are those of the report`(_ grouping: String, _ id: String) async throws {
        let table = try #require(try await page().tables["\(id)-table"])
        let rows = try await rows(grouping)
        #expect(rows.count > 1)
        #expect(table.map { $0.map { $0.replacing(",", with: "") } } == rows)
    }

    @Test func `people come first, the days last and folded, and gaps are in the footer`() async throws {
        let text = try await html()
        let order = ["researchers", "projects", "models", "regions", "time"]
            .compactMap { text.firstRange(of: "<h2 id=\"\($0)\"")?.lowerBound }
        #expect(order.count == 5 && order == order.sorted())
        #expect(text.contains("<details>\n<summary>each day (30)</summary>"))
        #expect(
            text.contains("Estimated from AWS's log of calls and its price list; not the bill")
                || text.contains("AWS&#39;s log")
        )
        for gap in [
            "Not a researcher", "Without a known price", "can't be counted", "The newest call", "Not logged by AWS",
        ] {
            let escaped = gap.replacing("'", with: "&#39;")
            #expect(text.contains(gap) || text.contains(escaped), "\(gap)")
        }
        let byDay = try await html("--by day")
        #expect(!byDay.contains("<details>"))
    }

    @Test func `calls without a known price are no free calls`() async throws {
        let tables = try await page().tables
        let profile = tables["models-table"]?.first { $0[0].contains("application-inference-profile") }
        #expect(profile?.suffix(2) == ["no price", "no price"])
        let ben = tables["researchers-table"]?.first { $0[0] == "ben" }
        #expect(ben?.suffix(2) == ["1.42+", "2.26+"])
        let table = try await home.admin("spend report \(Self.month)")
        #expect(table.output.contains("1.42+   2.26+") && table.errors.contains("calls without a known price"))
    }

    @Test func `nothing in it runs or comes from outside`() async throws {
        let page = try await page("--project looms&co")
        #expect(page.scripts == 0 && page.outside.isEmpty)
        #expect(page.title == "Cost of Amazon Bedrock by project looms&co, 2026-11-01 to 2026-11-30")
    }

    @Test func `a range without calls still is a page`() async throws {
        let text = try await home.output("spend report --month 2026-10 --format html")
        #expect(text.contains("<h1>Cost of Amazon Bedrock</h1>") && !text.contains("<svg"))
    }

    @Test(arguments: ["--window-size=390,2400", "--force-dark-mode"])
    func `a browser draws it on a phone's width and in the dark`(_ option: String) async throws {
        let file = try home.write(try await html(), to: "page.html")
        let image = home.folder + "/page.png"
        _ = try await BrowsedPage.browse([option, "--screenshot=\(image)", "file://\(file)"], in: home.folder)
        #expect(try Data(contentsOf: URL(filePath: image)).count > 10_000)
    }

    @Test func `it prints`() async throws {
        let file = try home.write(try await html(), to: "page.html")
        let paper = home.folder + "/page.pdf"
        _ = try await BrowsedPage.browse(["--print-to-pdf=\(paper)", "file://\(file)"], in: home.folder)
        #expect(try Data(contentsOf: URL(filePath: paper)).starts(with: Array("%PDF".utf8)))
    }
}

extension StringProtocol {
    fileprivate func trimming(_ character: Character) -> String {
        var text = Substring(self)
        while text.first == character { text.removeFirst() }
        while text.last == character { text.removeLast() }
        return String(text)
    }
}
