import BursarFoundation
import BursarModel
import Subprocess
import TestSupport
import Testing

/// `admin selftest` against its own server, and against others.
@Suite struct SelftestTests {
    private static let simulated = ["BURSAR_ISSUER": "simulated"]

    private struct Row: Decodable {
        let key: String
        let expected: String
        let answered: String
        let passed: Bool
    }

    private let world: World

    init() throws {
        world = try World()
    }

    private func rows(_ outcome: Program.Outcome) throws -> [Row] {
        try JSONDecoder().decode([Row].self, from: Data(outcome.output.utf8))
    }

    /// Usable keys of self-tests, and their researchers.
    private func remains() async throws -> Int {
        try await world.number(
            """
            SELECT (SELECT count(*) FROM keys WHERE researcher LIKE 'selftest-%' AND revoked_at IS NULL)
                + (SELECT count(*) FROM researchers WHERE purpose = 'selftest' AND disabled_at IS NULL)
            """
        )
    }

    @Test func `every refusal is proved, and nothing that works is left`() async throws {
        _ = try await world.onboardAda()
        try await world.serve(Self.simulated) { server in
            let rows = try rows(try await succeeded(world.admin("selftest --format json --url", server.url)))
            #expect(rows.count == 11)
            #expect(rows.allSatisfy { $0.passed })
            let expected = Set(rows.map(\.expected))
            for code in [
                ErrorCode.quotaExhausted, .addressRefused, .keyExpired, .keyRevoked, .researcherDisabled,
                .keyInvalid, .keyMalformed,
            ] {
                #expect(expected.contains(code.rawValue))
            }
            #expect(try await remains() == 0)
        }
        #expect(try await world.number("SELECT count(*) FROM usage_totals WHERE outcome = 'vended'") == 0)
        #expect(
            try await world.number("SELECT count(*) FROM keys WHERE researcher = 'ada' AND revoked_at IS NULL") == 1
        )
        try await succeeded(world.admin("database check"))
    }

    @Test func `without a vend AWS is not asked`() async throws {
        _ = try await world.onboardAda()
        try await world.withMisbehavingSTS { sts in
            try await world.serve(sts.settings) { server in
                let rows = try rows(
                    try await succeeded(world.admin("selftest --no-vend --format json --url", server.url))
                )
                #expect(rows.count == 10)
                #expect(try await sts.calls() == 0)
            }
        }
    }

    @Test func `a vend that AWS refuses is an answer that should not be`() async throws {
        _ = try await world.onboardAda()
        try await world.withMisbehavingSTS { sts in
            try await sts.set("deny")
            try await world.serve(sts.settings) { server in
                let outcome = try await world.admin("selftest --format json --url", server.url)
                #expect(outcome.exitCode == 1)
                #expect(try rows(outcome).contains { $0.expected == "credentials" && !$0.passed })
                #expect(try await remains() == 0)
            }
        }
    }

    @Test func `a server of another database is found out, and asked no further`() async throws {
        _ = try await world.onboardAda()
        let other = try World()
        _ = try await other.onboardAda()
        try await other.serve(Self.simulated) { server in
            let outcome = try await world.admin("selftest --format json --url", server.url)
            #expect(outcome.exitCode == 1)
            let rows = try rows(outcome)
            #expect(rows.map(\.answered) == ["key_invalid"])
            #expect(try await remains() == 0)
        }
    }

    @Test func `where nothing answers, it says so and leaves nothing`() async throws {
        try await succeeded(world.admin("database init"))
        let outcome = try await world.admin("selftest --url http://127.0.0.1:9")
        #expect(outcome.exitCode == 1)
        #expect(outcome.errors.contains("nothing answers at http://127.0.0.1:9"))
        #expect(outcome.output.isEmpty)
        #expect(try await remains() == 0)
    }

    @Test(arguments: [
        (nil, "took too long to connect to"),
        ("HTTP/1.1 200 OK", "does not prove who it is (TLS)"),
    ])
    func `each cause that keeps it from the server has its message, as in creds`(_ answer: String?, _ said: String)
        async throws
    {
        try await succeeded(world.admin("database init"))
        let peer = Checkout.root + "Tests/BursarHTTPTests/Peers/raw_peer.py"
        try await ChildServer.run(.name("python3"), [peer] + (answer.map { [$0] } ?? [])) { server in
            let outcome = try await world.admin("selftest --url https://127.0.0.1:\(server.port)")
            #expect(outcome.exitCode == 1)
            #expect(outcome.errors.contains("127.0.0.1:\(server.port) \(said)"), "\(outcome.errors)")
        }
        #expect(try await remains() == 0)
    }

    @Test func `a name that is not known is not a server that is away`() async throws {
        try await succeeded(world.admin("database init"))
        // A label of more than 63 characters is refused without a request to any name server.
        let name = String(repeating: "x", count: 64) + ".example"
        let outcome = try await world.admin("selftest --url https://\(name)")
        #expect(outcome.exitCode == 1)
        #expect(outcome.errors.contains("the name \(name) is not known here (DNS)"), "\(outcome.errors)")
    }

    @Test(arguments: ["http://bursar.example.edu", "not a url", "https://user@host"])
    func `a key is not sent to where it should not go`(_ url: String) async throws {
        try await succeeded(world.admin("database init"))
        let outcome = try await world.admin("selftest --url", url)
        #expect(outcome.exitCode == 64)
        #expect(try await world.number("SELECT count(*) FROM researchers") == 0)
    }

    @Test func `it has no port to guess`() async throws {
        try await succeeded(world.admin("database init"))
        let outcome = try await world.run(Checkout.program("admin"), ["selftest"], ["BURSAR_HTTP_PORT": "0"])
        #expect(outcome.errors.contains("takes any free port"))
    }

    @Test func `stopped in the middle, it revokes what it made`() async throws {
        _ = try await world.onboardAda()
        try await world.withMisbehavingSTS { sts in
            try await sts.set("hang")
            try await world.serve(sts.settings) { server in
                let marker = world.home + "/stop"
                let script = """
                    "$0" selftest --url "$1" & process=$!
                    while [ ! -e "$2" ]; do sleep 0.05; done
                    kill -INT $process; wait $process; exit $?
                    """
                let arguments = ["-c", script, Checkout.program("admin"), server.url, marker]
                async let run = world.run("/bin/sh", arguments)
                try await sts.waitForCalls(1)
                try Data().write(to: URL(filePath: marker))
                let outcome = try await run
                #expect(outcome.exitCode == 1)
                #expect(outcome.errors.contains("stopped; its keys are revoked"))
                #expect(try await remains() == 0)
                try await sts.set("ok")
            }
        }
    }
}
