import BursarFoundation
import BursarHTTP
import BursarModel
import TestSupport
import Testing

/// The restrictions that an operator can set on a key, and refusals before the key exists.
@Suite struct KeyRestrictionsTests {
    @Test(arguments: [
        ("--ip 10.0.0.0/33", "--ip 10.0.0.0/33 ends in /33, and a block of IPv4 addresses has /0 to /32"),
        ("--ip example.org", "--ip example.org is not an address block"),
        ("--models anthropic/claude", "--models anthropic/claude is not a pattern of model ids"),
        ("--session 14m", "--session 14m is outside what AWS allows"),
        ("--session 13h", "--session 13h is outside what AWS allows"),
        ("--rate 0", "--rate is 1 to 1000000 a second"), ("--daily-limit -1", "--daily-limit"),
    ])
    func `a term that can't be is refused by name, and no key is made`(_ option: String, _ problem: String) async throws
    {
        let world = try World()
        _ = try await world.onboardAda()
        let before = try await succeeded(world.admin("keys list --format csv")).output
        let outcome = try await world.admin("keys issue ada " + option)
        #expect(outcome.exitCode != 0)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.contains(problem))
        #expect(try await succeeded(world.admin("keys list --format csv")).output == before)
    }

    @Test func `models that make a longer policy than AWS takes are refused when the key is issued`() async throws {
        let world = try World()
        _ = try await world.onboardAda()
        let models = (1...40).map { "provider\($0).a-model-with-quite-a-long-name-v\($0):0" }.joined(separator: ",")
        let outcome = try await world.admin("keys issue ada --models", models)
        #expect(outcome.exitCode == 1)
        #expect(outcome.errors.contains("AWS takes 2048"))
        #expect(outcome.errors.contains("hint: name fewer, or wider ones"))
    }

    @Test func `host bits are dropped, with a note for the operator`() async throws {
        let world = try World()
        _ = try await world.onboardAda()
        let outcome = try await world.admin("keys issue ada --ip 10.0.0.1/8")
        #expect(outcome.exitCode == 0)
        #expect(outcome.errors.contains("--ip 10.0.0.1/8 is taken as 10.0.0.0/8"))
    }

    @Test func `whoami says what a key allows`() async throws {
        let world = try World()
        _ = try await world.onboardAda()
        let key = try await world.issueKey("--models anthropic.claude-* --daily-limit 7 --session 2h")
        try await world.serve(["BURSAR_ISSUER": "simulated"]) { server in
            let answer = try await world.get(server.url + "/whoami", key: key.text)
            let whoami = try JSONDecoder().decode(WhoAmIResponse.self, from: answer.body)
            #expect(whoami.models == ["anthropic.claude-*"])
            #expect(whoami.dailyLimit == 7)
            #expect(whoami.usedToday == 0)
            #expect(whoami.sessionSeconds == 7200)
        }
    }

    @Test func `an older database is migrated by its command, and no sooner`() async throws {
        let world = try World()
        let path = world.home + "/old.sqlite"
        let sql = Checkout.root + "Tests/SQLiteStoreTests/Fixtures/schema-1.sql"
        let script = "import sqlite3, sys; sqlite3.connect(sys.argv[2]).executescript(open(sys.argv[1]).read())"
        try await succeeded(world.peer("python", ["-c", script, sql, path]))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        let refused = try await world.admin("keys list --database", path)
        #expect(refused.exitCode == 1)
        #expect(refused.errors.contains("admin database migrate"))
        let migrated = try await world.admin("database migrate --database", path)
        #expect(migrated.exitCode == 0)
        #expect(migrated.errors.contains("as it was: "))
        #expect(try await world.admin("keys list --database", path).exitCode == 0)
        #expect(try await world.admin("database migrate --database", path).errors.contains("is up to date"))
    }
}
