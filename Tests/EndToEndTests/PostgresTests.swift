import BursarFoundation
import BursarHTTP
import BursarModel
import TestSupport
import Testing

/// The programs on a database in PostgreSQL: several servers, one chain, and what is refused.
@Suite struct PostgresTests {
    private let home: PostgresHome
    private var world: World { home.world }

    init() async throws { home = try await PostgresHome() }

    private func admin(_ line: String, as user: String = "bursar_admin") async throws -> Program.Outcome {
        try await home.admin(line, as: user)
    }

    @Test func `two servers share keys, quotas, revocations and one chain`() async throws {
        try await home.onboardAda()
        let limited = try await home.issueKey("--daily-limit 3")
        let key = try await home.issueKey()
        try await world.serve(home.settings) { one in
            try await world.serve(home.settings) { two in
                let urls = [one.url, two.url].map { $0 + "/credentials" }
                var statuses: [UInt] = []
                for turn in 0..<6 {
                    statuses.append(UInt(try await world.get(urls[turn % 2], key: limited.text).status))
                }
                #expect(statuses == [200, 200, 200, 429, 429, 429], "the quota counts across both")
                for url in urls { #expect(try await world.get(url, key: key.text).status == 200) }
                try await succeeded(admin("keys revoke \(key.id) --reason lost --yes"))
                for url in urls {
                    try await Waiting.until("\(url) to refuse the key") {
                        try await world.refusal(url, key: key.text) == "key_revoked"
                    }
                }
            }
        }
        let usage = try await succeeded(admin("usage report --format csv")).output
        #expect(usage.contains("ada"))
        try await succeeded(admin("audit verify"))
        #expect(try await succeeded(admin("database check")).output.contains("chain"))
        let vends = try await home.cluster.sql(
            "SELECT count(*) FROM bursar.records WHERE kind = 'vend'",
            database: home.database
        )
        #expect(vends == "5")
    }

    @Test func `the server's own user can't add, bring back or forget a key`() async throws {
        try await home.onboardAda()
        let key = try await home.issueKey()
        try await succeeded(admin("keys revoke \(key.id) --reason lost --yes"))
        let denied = try await admin("keys issue ada", as: "bursar_server")
        #expect(denied.exitCode == 1)
        #expect(denied.errors.contains("permission denied for table researchers (SELECT)"), "\(denied.errors)")
        #expect(try await admin("researchers disable ada --yes", as: "bursar_server").exitCode == 1)
    }

    @Test(arguments: [
        ("postgres://ada:sesame@db.example.edu/bursar?sslmode=verify-full&sslrootcert=/ca.pem", "password"),
        ("postgres://ada@db.example.edu/bursar", "sslmode"),
        ("postgres://ada@db.example.edu/bursar?sslmode=require", "sslmode=require"),
        ("postgres://ada@localhost", "database's name"),
    ])
    func `an address that can't be used is refused in one line, without its secret`(
        _ address: String,
        _ words: String
    ) async throws {
        for program in ["admin", "vending-server"] {
            let arguments = program == "admin" ? ["keys", "list"] : ["check"]
            let outcome = try await world.run(
                Checkout.program(program),
                arguments,
                ["BURSAR_DATABASE": address, "BURSAR_ISSUER": "simulated"]
            )
            #expect(outcome.exitCode == 1, "\(program)")
            let text = outcome.output + outcome.errors
            #expect(text.contains(words), "\(text)")
            #expect(!text.contains("sesame"), "\(text)")
        }
    }

    @Test func `a database without Bursar's tables, and a server that is away, are named`() async throws {
        let empty = try await admin("keys list", as: PostgresCluster.superuser)
        #expect(empty.exitCode == 1)
        #expect(empty.errors.contains("admin database init"), "\(empty.errors)")
        let away = "postgres://ada@127.0.0.1:1/bursar"
        let outcome = try await world.run(Checkout.program("admin"), ["keys", "list"], ["BURSAR_DATABASE": away])
        #expect(outcome.exitCode == 1)
        #expect(outcome.errors.contains(away), "\(outcome.errors)")
    }
}
