import BursarFoundation
import BursarModel
import TestSupport
import Testing

/// `admin keys`, as it is run.
@Suite struct KeyCommandTests {
    private let home: OperatorHome

    init() throws {
        home = try OperatorHome()
    }

    private struct Issued: Decodable {
        let key: String?
        let keyFile: String?
        let id: String
        let expires: String
        let url: String?
        let setup: [String]?
    }

    private struct TableRow: Decodable {
        let id: String
        let state: String
        let expires: String
        let replacedBy: String?
    }

    private func list(_ options: String = "") async throws -> [TableRow] {
        let text = try await home.output("keys list --format json " + options)
        return try JSONDecoder().decode([TableRow].self, from: Data(text.utf8))
    }

    @Test func `a key comes with the researcher's exact set-up lines`() async throws {
        try await home.addAda()
        let settings = ["BURSAR_PUBLIC_URL": "https://bursar.example.edu/", "BURSAR_REGION": "us-east-1"]
        let outcome = try await home.admin(["keys", "issue", "ada", "--format", "json"], settings)
        let issued = try JSONDecoder().decode(Issued.self, from: Data(outcome.output.utf8))
        #expect(try ResearcherKey(parsing: issued.key ?? "").id.description == issued.id)
        #expect(issued.url == "https://bursar.example.edu")
        let lines = [
            "creds install --url https://bursar.example.edu --region us-east-1", "export AWS_PROFILE=temp-bedrock",
        ]
        #expect(issued.setup == lines)
        #expect(outcome.errors.contains("admin: on their machine: \(lines[0])\nadmin: then: \(lines[1])\n"))
        #expect(!outcome.errors.contains(issued.key ?? "?"))
    }

    @Test func `a key file is private, new, and the only place of the key`() async throws {
        try await home.addAda()
        let path = home.folder + "/ada.key"
        let outcome = try await home.admin("keys issue ada --quiet --key-file", path)
        #expect(outcome.exitCode == 0 && outcome.output.isEmpty && outcome.errors.isEmpty)
        #expect(try home.mode("ada.key") == 0o600)
        let key = try ResearcherKey(parsing: try #require(home.text("ada.key")))
        #expect(try await list().map(\.id) == [key.id.description])
        #expect(try await home.refusal("keys issue ada --key-file", path).contains("there is a file at"))
        let json = try await home.output("keys issue ada --format json --key-file", home.folder + "/second.key")
        let issued = try JSONDecoder().decode(Issued.self, from: Data(json.utf8))
        #expect(issued.key == nil && issued.keyFile == home.folder + "/second.key")
        #expect(
            try await home.refusal("keys issue nobody --key-file", home.folder + "/third.key").contains("no researcher")
        )
        #expect(home.text("third.key") == nil)
    }

    @Test(arguments: [
        (["--expires", "400d"], [:], "a key may live 366d at most"),
        (["--expires", "31d"], ["BURSAR_MAXIMUM_KEY_LIFE": "30d"], "a key may live 30d at most"),
        ([], ["BURSAR_MAXIMUM_KEY_LIFE": "long"], "BURSAR_MAXIMUM_KEY_LIFE is \"long\""),
        ([], ["BURSAR_PUBLIC_URL": "http://example.edu"], "BURSAR_PUBLIC_URL is \"http://example.edu\""),
        (["--expires", "2026-13-01"], [:], "is not a day that there is"),
        (["--expires", "2026-01-01"], [:], "is over already"), (["--expires", "soon"], [:], "is not a length of time"),
        (["--expires", "0d"], [:], "is not a length of time"),
        (["--expires", "30"], [:], "--expires \"30\" has no unit"),
        ([], ["BURSAR_MAXIMUM_KEY_LIFE": "366"], "BURSAR_MAXIMUM_KEY_LIFE is \"366\""),
    ])
    func `an end that can't be is refused, and no key is made`(
        options: [String],
        settings: [String: String],
        problem: String
    ) async throws {
        try await home.addAda()
        let outcome = try await home.admin(["keys", "issue", "ada"] + options, settings)
        #expect(outcome.exitCode == (problem.hasPrefix("BURSAR_") || problem.hasPrefix("a key may") ? 1 : 64))
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.contains(problem))
        #expect(try await list().isEmpty)
    }

    @Test func `a shorter maximum shortens the default`() async throws {
        try await home.addAda()
        let outcome = try await home.admin(["keys", "issue", "ada"], ["BURSAR_MAXIMUM_KEY_LIFE": "30d"])
        #expect(outcome.exitCode == 0)
        #expect(try await list("--expires-within 31d").count == 1)
    }

    @Test func `terms change without a new key, and are cleared`() async throws {
        try await home.addAda()
        let id = try await home.issueKey("--daily-limit 5 --ip 192.0.2.0/24 --label old")
        let short = String(id.prefix(6))
        try await home.output(
            "keys update \(short) --no-ip --session 2h --models anthropic.claude-* --label",
            "new, \"one\""
        )
        let shown = try await home.output("keys show \(short)")
        for fact in [
            "label              new, \"one\"", "addresses          any that the server takes",
            "models             anthropic.claude-*", "vends a day        5", "sessions           2h",
        ] { #expect(shown.contains(fact)) }
        let detail = try await home.sql("SELECT detail FROM records WHERE kind = 'key_updated'")
        #expect(detail == "label; no ip; models anthropic.claude-*; session 7200s\n")
        let models = (1...40).map { "provider\($0).a-model-with-quite-a-long-name-v\($0):0" }.joined(separator: ",")
        #expect(try await home.refusal("keys update \(short) --models", models).contains("AWS takes 2048"))
        #expect(try await home.refusal("keys update \(short) --expires 367d").contains("a key may live 366d at most"))
        try await home.output("keys revoke \(short) --reason lost --yes")
        #expect(try await home.refusal("keys update \(short) --rate 5").contains("was revoked, for good"))
    }

    @Test func `a rotation keeps the terms, and ends the old key after the overlap`() async throws {
        try await home.addAda()
        let old = try await home.issueKey("--daily-limit 7 --label laptop")
        let text = try await home.output("keys rotate \(old.prefix(5)) --overlap 2d --quiet")
        let new = try ResearcherKey(parsing: text).id.description
        let keys = try await list()
        #expect(keys.first { $0.id == old }?.replacedBy == new)
        #expect(try await list("--expires-within 3d").isEmpty, "its end is wanted")
        #expect(try await list("--state expiring").isEmpty)
        let shown = try await home.output("keys show \(new)")
        #expect(shown.contains("vends a day        7") && shown.contains("label              laptop"))
        #expect(try await home.refusal("keys rotate \(old)").contains("was rotated already"))
        #expect(try await home.refusal("keys rotate \(new) --overlap week", code: 64).contains("--overlap \"week\""))
        #expect(
            try await home.refusal("keys rotate \(new) --overlap 7", code: 64).contains("--overlap \"7\" has no unit")
        )
        let third = try ResearcherKey(parsing: try await home.output("keys rotate \(new) --overlap 0 --quiet")).id
        #expect(try await list("--state expired").map(\.id) == [new])
        try await home.output("keys revoke \(third) --reason lost --yes")
        #expect(try await home.refusal("keys rotate \(third)").contains("was revoked"))
    }

    @Test func `several keys are revoked together or not at all`() async throws {
        try await home.addAda()
        let (one, two, three) = (try await home.issueKey(), try await home.issueKey(), try await home.issueKey())
        #expect(
            try await home.refusal("keys revoke \(one) zzzzzzzzzzzz --reason lost --yes").contains("there is no key")
        )
        try await home.output("keys revoke \(one) \(two) --reason lost --yes")
        #expect(Set(try await list("--state revoked").map(\.id)) == [one, two])
        let outcome = try await home.admin("keys revoke --researcher ada --yes --reason gone")
        #expect(outcome.errors.contains("\(three) (ada): never used\n"))
        #expect(outcome.errors.contains("revoked key \(three) of ada"))
        #expect(try await list("--state revoked").count == 3)
        #expect(try await home.admin("keys revoke --researcher ada --yes --reason gone").errors.contains("has no key"))
    }

    @Test(arguments: ["", "abcd --researcher ada"])
    func `revoke takes keys or a researcher`(words: String) async throws {
        try await home.addAda()
        #expect(try await home.refusal("keys revoke --reason x --yes \(words)", code: 64).contains("name keys, or"))
    }

    @Test func `a prefix that several ids have lists them, and one that is too short is refused`() async throws {
        try await home.addAda()
        for id in ["aaaa00000001", "aaaa00000002", "aaaab0000003"] {
            try await home.sql(
                """
                INSERT INTO keys (id, researcher, hash, created_at, expires_at)
                VALUES ('\(id)', 'ada', '$argon2id$x', 1, 9999999999999)
                """
            )
        }
        let errors = try await home.refusal("keys show aaaa")
        #expect(errors.contains("aaaa00000001 (ada), aaaa00000002 (ada), aaaab0000003 (ada)"))
        #expect(try await home.output("keys show aaaab").contains("aaaab0000003"))
        #expect(try await home.output("keys show bursar_AAAAB").contains("aaaab0000003"))
        #expect(try await home.refusal("keys show aaa", code: 64).contains("too short"))
        #expect(try await home.refusal("keys show aaaa000000010", code: 64).contains("not a key's id"))
    }

    @Test func `a whole key pasted as an id is never repeated`() async throws {
        try await home.addAda()
        let text = try await home.output("keys issue ada --quiet").trimmingCharacters()
        for command in ["show", "rotate", "update --rate 1", "revoke --reason x --yes"] {
            let errors = try await home.refusal("keys \(command) \(text)", code: 64)
            #expect(!errors.contains(text.suffix(49)))
            let mistyped = try await home.refusal("keys \(command) \(text.dropLast(3))", code: 64)
            #expect(!mistyped.contains(text.suffix(49).prefix(20)))
        }
    }

    @Test func `lists show what ends soon and what nobody uses`() async throws {
        try await home.addAda()
        let (short, long) = (try await home.issueKey("--expires 5d"), try await home.issueKey())
        #expect(try await list("--state expiring").map(\.id) == [short])
        #expect(try await list("--expires-within 100d").map(\.id) == [short, long])
        #expect(Set(try await list("--state unused").map(\.id)) == [short, long])
        #expect(try await list("--unused-for 1d").isEmpty)
        #expect(try await list("--unused-for 0").count == 2)
        #expect(try await home.refusal("keys list --unused-for ever", code: 64).contains("is not a length of time"))
        for option in ["--unused-for", "--expires-within"] {
            #expect(
                try await home.refusal("keys list \(option) 60", code: 64).contains("\(option) \"60\" has no unit")
            )
        }
        #expect(try await home.admin("keys list --state canary").errors.contains("no key is like that"))
    }

    @Test func `a canary is listed as one, keeps its terms to itself, and can't be rotated`() async throws {
        try await home.addAda()
        let key = try ResearcherKey(parsing: try await home.output("keys canary ada --label decoy --quiet"))
        #expect(try await list("--state canary").map(\.id) == [key.id.description])
        #expect(try await list("--state active").isEmpty)
        #expect(try await home.refusal("keys rotate \(key.id)").contains("is a canary"))
        #expect(try await home.refusal("keys update \(key.id) --rate 5").contains("is a canary"))
        try await home.output("keys update \(key.id) --label moved")
    }

    @Test func `nothing is made of a key that a self-test left behind`() async throws {
        try await home.addAda()
        _ = try await home.issueKey()
        try await home.sql(
            """
            INSERT INTO researchers (handle, name, email, project, purpose, created_at)
            VALUES ('selftest-1', 'Self-test', '', 'selftest', 'selftest', 1)
            """
        )
        try await home.sql(
            """
            INSERT INTO keys (id, researcher, hash, created_at, expires_at)
            SELECT '000000000000', 'selftest-1', hash, created_at, expires_at FROM keys
            """
        )
        #expect(try await home.refusal("keys rotate 0000 --expires 90d").contains("is a self-test's"))
        #expect(try await home.refusal("keys update 0000 --expires 90d").contains("is a self-test's"))
        try await home.output("keys revoke 0000 --reason left --yes")
    }
}

extension String {
    fileprivate func trimmingCharacters() -> String { String(trimmingASCIIWhitespace()) }
}
