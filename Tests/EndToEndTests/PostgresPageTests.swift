import BursarFoundation
import BursarHTTP
import BursarModel
import TestSupport
import Testing

/// The page on several servers, followed by a reader who has nothing yet.
@Suite struct PostgresPageTests {
    private static let page = "Docs/running/several-servers.md"

    /// Runs the lines that a block shows behind prompts, with this test's server, authority and folders.
    private static func run(_ block: Page.Block, on home: PostgresHome, _ settings: [String: String] = [:]) async throws
    {
        let lines = block.typed.filter { !$0.contains(#"\password"#) }.joined(separator: "\n")
        let names = [
            "db.example.edu": "localhost:\(home.cluster.port)", "/etc/bursar/ca.pem": home.certificate(),
            "/var/backups/bursar/$(date -u +%F).sqlite": "backup.sqlite",
            "/var/backups/bursar/2026-11-20.sqlite": "backup.sqlite",
        ]
        let script = names.reduce(lines) { $0.replacing($1.key, with: $1.value) }
        let environment = [
            "PATH": Checkout.program("") + ":/usr/bin:/bin", "PGHOST": home.cluster.folder,
            "PGPORT": "\(home.cluster.port)", "PGUSER": PostgresCluster.superuser, "HOME": home.world.home,
        ]
        let shell = ["-ec", "cd \"$HOME\"\n" + script]
        try await succeeded(home.world.run("/bin/bash", shell, environment.merging(settings) { $1 }))
    }

    private static func settings(_ user: String, on home: PostgresHome) -> [String: String] {
        let address = "postgres://\(user)@localhost:\(home.cluster.port)/bursar"
        return [
            "BURSAR_DATABASE": "\(address)?sslmode=verify-full&sslrootcert=\(home.certificate())",
            "BURSAR_DATABASE_PASSWORD_FILE": "\(home.world.home)/\(user).password", "BURSAR_ISSUER": "simulated",
        ]
    }

    @Test func `it leads from nothing to three servers that share everything`() async throws {
        let home = try await PostgresHome.withTLS()
        let blocks = try Page(Self.page).blocks.filter { $0.lines.contains { $0.hasPrefix("$ ") } }
        try #require(blocks.count == 5)
        try await Self.run(blocks[0], on: home)
        // psql asks for a new password twice.
        try await home.cluster.sql("ALTER ROLE keeper PASSWORD 'keeper'")
        let keeper = home.world.home + "/keeper.password"
        try Data("keeper\n".utf8).write(to: URL(filePath: keeper))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: keeper)
        for block in blocks[1...2] { try await Self.run(block, on: home) }
        let key = try ResearcherKey(
            parsing: String(contentsOfFile: home.world.home + "/grace.key", encoding: .utf8)
        )

        func serve(_ count: Int, _ servers: [ChildServer] = []) async throws {
            guard servers.count < count else { return try await use(servers) }
            try await home.world.serve(Self.settings("server\(servers.count + 1)", on: home)) { server in
                try await serve(count, servers + [server])
            }
        }
        func use(_ servers: [ChildServer]) async throws {
            for server in servers {
                #expect(try await home.world.get(server.url + "/credentials", key: key.text).status == 200)
            }
            // An upgrade's first step, while they run.
            try await Self.run(blocks[3], on: home, Self.settings("keeper", on: home))
            let ada = Self.settings("ada", on: home)
            let doctor = try await succeeded(home.world.run(Checkout.program("admin"), ["doctor"], ada))
            #expect(doctor.output.contains("3 run: "), "\(doctor.output)")
            let revoke = words("keys revoke \(key.id) --reason lost --yes")
            try await succeeded(home.world.run(Checkout.program("admin"), revoke, ada))
            for server in servers {
                try await Waiting.until("the key to be refused") {
                    try await home.world.refusal(server.url + "/credentials", key: key.text) == "key_revoked"
                }
            }
            let list = words("audit list --kind key_revoked --format json")
            let listed = try await succeeded(home.world.run(Checkout.program("admin"), list, ada))
            #expect(listed.output.contains(#""ada@"#), "\(listed.output)")
            try await Self.run(blocks[4], on: home, ada)
        }
        try await serve(3)
    }
}
