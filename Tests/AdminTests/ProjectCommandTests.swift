import BursarFoundation
import BursarModel
import TestSupport
import Testing

/// Projects of keys in `admin`: given, changed, listed, reported and ended.
@Suite struct ProjectCommandTests {
    private let home: OperatorHome

    init() throws {
        home = try OperatorHome()
    }

    private struct Row: Decodable {
        let id: String
        let project: String
        let state: String
    }

    private func keys(_ options: String = "") async throws -> [Row] {
        let text = try await home.output("keys list --format json " + options)
        return try decoded(text, as: [Row].self)
    }

    @Test func `a key is issued for a project of its own, else for its researcher's`() async throws {
        try await home.addAda()
        let plain = try await home.issueKey()
        let named = try await home.admin("keys issue ada --project looms --format json")
        #expect(
            named.errors.contains("its use counts for project looms, which no researcher and no key was of before\n")
        )
        let again = try await home.admin("keys issue ada --project looms")
        #expect(again.errors.contains("its use counts for project looms\n"))
        #expect(try await keys("--project engines").map(\.id) == [plain])
        #expect(try await keys("--project looms").count == 2)
        #expect(try await home.refusal("keys list --project loom").contains("did you mean looms?"))
    }

    @Test(arguments: ["keys issue ada --project", "keys update KEY --project", "researchers update ada --project"])
    func `a project that is no line of text is refused`(command: String) async throws {
        try await home.addAda()
        let words = command.replacing("KEY", with: try await home.issueKey())
        for value in ["", "a\u{7}b", String(repeating: "x", count: 257)] {
            #expect(try await home.refusal(words, value, code: 64).contains("--project"))
        }
    }

    @Test func `a key changes its project, and shows what it was of before`() async throws {
        try await home.addAda()
        let id = try await home.issueKey()
        let moved = try await home.admin("keys update \(id) --project looms")
        #expect(moved.errors.contains("changed key \(id) of ada: project\n"), "\(moved.errors)")
        #expect(
            moved.errors.contains("its use counts for project looms from now on; what was before stays with engines\n")
        )
        let shown = try await home.output("keys show \(id)")
        #expect(shown.contains("looms\n") && shown.contains("engines until 20"))
        let json = try await home.output("keys show \(id) --format json")
        #expect(json.split(separator: "\"since\"").count == 3)
        let same = try await home.admin("keys update \(id) --project looms")
        #expect(same.errors.contains("it is of project looms already"))
        let rotated = try await home.output("keys rotate \(id) --quiet")
        let new = try ResearcherKey(parsing: rotated).id.description
        #expect(try await keys("--project looms").map(\.id).sorted() == [id, new].sorted())
    }

    @Test func `a researcher's project moves their keys only with --keys, and says how`() async throws {
        try await home.addAda()
        let (one, other) = (try await home.issueKey(), try await home.issueKey("--project looms"))
        let updated = try await home.admin("researchers update ada --project looms")
        #expect(
            updated.errors.contains(
                "1 working key is of another project, and stays so: admin researchers update ada --project looms --keys "
            ),
            "\(updated.errors)"
        )
        #expect(try await keys("--project engines").map(\.id) == [one])
        let moved = try await home.admin("researchers update ada --keys --project", "the looms")
        #expect(moved.errors.contains("project the looms from now on; what was used before stays where it was"))
        #expect(try await Set(keys().map(\.project)) == ["the looms"])
        #expect(moved.errors.contains(one) && moved.errors.contains(other))
        let none = try await home.admin("researchers update ada --project", "the looms")
        #expect(!none.errors.contains("another project"))
        #expect(try await home.refusal("researchers update ada --keys --name A", code: 64).contains("--keys goes with"))
    }

    @Test func `the end of a term says who is which, asks, and does it`() async throws {
        try await home.addAda()
        for handle in ["bob", "eve"] { try await home.add(handle, project: "term") }
        let (kept, lost) = (try await home.issueKey(), try await home.issueKey("--project term"))
        try await home.output("keys issue bob --quiet")
        try await home.output("researchers disable eve --yes")
        let words = "researchers disable --project term"
        let unasked = try await home.refusal(words)
        for line in [
            "ada (Ada Lovelace): \(lost) to be revoked; goes on with 1 key of other projects\n",
            "bob (Ada Lovelace): to be switched off, with 1 key\n",
            "eve (Ada Lovelace): switched off already, with 0 keys\n",
            "end project term: switch off 1 researcher, and revoke 1 key of others for good?",
        ] {
            #expect(unasked.contains(line), "\(unasked)")
        }
        let done = try await home.admin(words + " --yes --reason", "end of term")
        #expect(done.isSuccess && done.output.isEmpty, "\(done.errors)")
        #expect(done.errors.contains("switched off bob\n"))
        #expect(done.errors.contains("revoked \(lost) of ada, who goes on with 1 more\n"))
        #expect(done.errors.contains("no credentials that were handed out are alive"))
        #expect(try await keys("--state active").map(\.id) == [kept])
        #expect(try await home.output("researchers show bob").contains(", end of term"))
        #expect(try await home.output("keys show \(lost)").contains(", end of term"))
        let again = try await home.admin(words + " --yes")
        #expect(again.isSuccess && again.errors.contains("has no key that works and no researcher to be switched off"))
    }

    @Test func `researchers who go on get a note that new keys would still be of the project`() async throws {
        try await home.addAda()
        _ = (try await home.issueKey(), try await home.issueKey("--project looms"))
        let done = try await home.admin("researchers disable --project engines --yes")
        #expect(
            done.errors.contains(
                "new keys of ada would still be of engines: admin researchers update ada --project PROJECT"
            )
        )
    }

    @Test(arguments: ["", "ada --project engines"])
    func `disable takes a researcher or a project`(words: String) async throws {
        try await home.addAda()
        let errors = try await home.refusal("researchers disable --yes " + words, code: 64)
        #expect(errors.contains("name a researcher, or a project with --project"))
    }

    @Test func `a project that is in no row is refused, with the one that may have been meant`() async throws {
        try await home.addAda()
        #expect(try await home.refusal("researchers disable --project engine --yes").contains("did you mean engines?"))
    }

    @Test func `a handle that is the name of a key's sessions is refused`() async throws {
        try await home.addAda()
        let id = try await home.issueKey()
        let errors = try await home.refusal("researchers add ada+\(id) --email a@b --project p --name A")
        #expect(errors.contains("\"ada+\(id)\" is the name of the sessions of another researcher's key"))
        let file = try home.write("handle,name,email,project\nbob,B,b@x,p\nADA+\(id),A,a@x,p\n", to: "in.csv")
        let refused = try await home.refusal("keys import \(file) --folder", home.folder + "/keys")
        #expect(refused.contains("line 3, column handle: \"ADA+\(id)\" is the name of the sessions of another"))
    }

    @Test func `a key's own project decides on the role that whatif names`() async throws {
        try await home.addAda()
        let (one, other) = (try await home.issueKey(), try await home.issueKey("--project secret"))
        let settings = [
            "BURSAR_ROLE_ARN": "arn:aws:iam::123456789012:role/bedrock", "BURSAR_REGION": "us-east-1",
            "BURSAR_ROLE_PROJECTS": "secret=arn:aws:iam::123456789012:role/other",
        ]
        for (id, role) in [(one, "role/bedrock"), (other, "role/other")] {
            let text = try await home.output("whatif ada --key \(id)", settings: settings)
            #expect(text.contains("arn:aws:iam::123456789012:\(role)\n"), "\(text)")
            #expect(text.contains("its name in AWS is ada+\(id)\n"))
        }
    }
}
