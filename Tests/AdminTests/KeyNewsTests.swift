import BursarFoundation
import BursarModel
import TestSupport
import Testing

/// Notes and warnings of the commands for keys and researchers.
@Suite struct KeyNewsTests {
    private static let publicURL = ["BURSAR_PUBLIC_URL": "https://bursar.example.edu"]
    private static let unserved = "no server works on this database on this machine"

    private let home: OperatorHome

    init() throws {
        home = try OperatorHome()
    }

    private struct Row: Decodable {
        let ends: String
        let expires: String
        let endsWithStay: Bool
    }

    @Test func `a key ends with its researcher's stay, and lists say so`() async throws {
        try await home.addAda()
        try await home.output("researchers update ada --until 2099-12-31")
        let id = try await home.issueKey("--expires 30d")
        let rows = "keys list --format json --expires-within"
        var row = try #require(try decoded(try await home.output("\(rows) 31d"), as: [Row].self).first)
        #expect(!row.endsWithStay && row.ends == row.expires)
        #expect(try decoded(try await home.output("\(rows) 6d"), as: [Row].self).isEmpty)

        let stay = UTCDay(number: UTCDay(containing: Date()).number + 4)
        let end = Timestamp.string(UTCDay(number: stay.number + 1).start)
        try await home.output("researchers update ada --until \(stay)")
        row = try #require(try decoded(try await home.output("\(rows) 6d"), as: [Row].self).first)
        #expect(row.endsWithStay && row.ends == end && row.expires != end)
        #expect(try await home.output("keys list").contains("\(stay) (stay)"))
        #expect(try await home.output("keys list --format csv").contains(",\(end),"))
        let shown = try await home.output("keys show \(id)")
        #expect(shown.contains("\(end), with the researcher's stay; else \(row.expires)"))
    }

    @Test func `where a key says nothing, the server's number is shown`() async throws {
        try await home.addAda()
        let id = try await home.issueKey("--rate 3")
        let shown = try await home.output("keys show \(id)")
        #expect(shown.contains("vends a day        10000, the server's setting\n"))
        #expect(shown.contains("requests a second  3\n"))
        #expect(shown.contains("sessions           1h, the server's setting\n"))
        let words = ["keys", "show", id]
        let set = try await home.admin(words, ["BURSAR_DAILY_LIMIT": "7", "BURSAR_SESSION_DURATION": "2h"]).output
        #expect(set.contains("vends a day        7, the server's setting\n") && set.contains("  2h, the server's"))
        let wrong = try await home.admin(words, ["BURSAR_DAILY_LIMIT": "many"]).output
        #expect(wrong.contains("vends a day        as the server's setting says\n"))
    }

    @Test func `without a public URL the set-up lines say that they are not exact`() async throws {
        try await home.addAda()
        let outcome = try await home.admin("keys issue ada --format json")
        #expect(!outcome.output.contains("\"setup\"") && !outcome.output.contains("YOUR-SERVER"))
        #expect(outcome.errors.contains("no setting says the server's public URL"))
        #expect(outcome.errors.contains("set BURSAR_PUBLIC_URL=https://… (publicUrl in the settings file)"))
        let configured = try await home.admin(["keys", "issue", "ada"], Self.publicURL)
        #expect(!configured.errors.contains("no setting says"))
        #expect(configured.errors.contains("creds install asks for the key, or reads it with --key-file FILE"))
    }

    @Test func `an import ends with what comes next`() async throws {
        try await home.addAda()
        let file = try home.write("handle,name,email,project\nbob,Bob,bob@x,looms\n", to: "in.csv")
        let words = ["keys", "import", file, "--output", home.folder + "/keys.csv"]
        let outcome = try await home.admin(words, Self.publicURL)
        #expect(outcome.errors.contains("hand each researcher their own"))
        #expect(outcome.errors.contains("on their machine: creds install --url https://bursar.example.edu\n"))
    }

    @Test(arguments: [
        "keys update ID --rate 5", "researchers disable ada --yes", "researchers enable ada",
        "keys revoke ID --reason lost --yes",
    ])
    func `a change that no server here obeys has a note`(command: String) async throws {
        try await home.addAda()
        let id = try await home.issueKey()
        if command.contains("enable") { try await home.output("researchers disable ada --yes") }
        let outcome = try await home.admin(command.replacing("ID", with: id))
        #expect(outcome.exitCode == 0 && outcome.errors.contains(Self.unserved), "\(outcome.errors)")
    }

    @Test func `a key that never vends is warned of`() async throws {
        try await home.addAda()
        let warning = "--daily-limit 0: the key never vends"
        #expect(try await home.admin("keys issue ada --daily-limit 0").errors.contains(warning))
        #expect(try await !home.admin("keys issue ada --daily-limit 1").errors.contains(warning))
    }

    @Test func `records of an unknown researcher are refused, with who may be meant`() async throws {
        try await home.addAda()
        try await home.add("r1402.m")
        try await home.add("r1403")
        let errors = try await home.refusal("audit list --researcher r1402")
        #expect(
            errors.contains("there is no researcher \"r1402\"") && errors.contains("did you mean r1402.m, or r1403?")
        )
        #expect(try await !home.refusal("audit list --researcher r").contains("did you mean"))
        #expect(try await home.output("audit list --researcher R1403 --format csv").contains(",r1403,"))
    }
}
