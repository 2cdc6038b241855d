import BursarFoundation
import BursarHTTP
import BursarModel
import TestSupport
import Testing

/// `admin database role`: a login for each operator and server.
@Suite struct PostgresRoleTests {
    private func file(_ home: PostgresHome, _ name: String, _ password: String) throws -> String {
        let path = home.world.home + "/" + name
        try Data((password + "\n").utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        return path
    }

    @Test func `operators and servers get in with their own passwords, and what operators do has their name`()
        async throws
    {
        let home = try await PostgresHome(access: "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256")
        try await home.onboardAda()
        func role(_ words: [String]) async throws -> Program.Outcome {
            let owner = ["BURSAR_DATABASE": home.address(PostgresCluster.superuser)]
            return try await home.world.run(Checkout.program("admin"), ["database", "role"] + words, owner)
        }
        func settings(_ user: String, _ file: String) -> [String: String] {
            [
                "BURSAR_DATABASE": "postgres://\(user)@127.0.0.1:\(home.cluster.port)/\(home.database)",
                "BURSAR_DATABASE_PASSWORD_FILE": file, "BURSAR_ISSUER": "simulated",
            ]
        }
        let (eva, one) = (try file(home, "eva", "Geheimnis"), try file(home, "one", "Dienst"))
        let made = try await succeeded(role(["eva", "--admin", "--password-file", eva]))
        #expect(made.errors.contains("made eva, an operator's login"))
        try await succeeded(role(["one", "--server", "--password-file", one]))
        let again = try await succeeded(role(["one", "--server", "--password-file", one]))
        #expect(again.errors.contains("changed one, a server's login"))
        let unproved = try await succeeded(role(["two", "--server"]))
        #expect(unproved.errors.contains("it has no password"))

        let issued = try await succeeded(
            home.world.run(Checkout.program("admin"), words("keys issue ada"), settings("eva", eva))
        )
        let listed = try await succeeded(home.admin("audit list --kind key_issued --format json"))
        #expect(listed.output.contains(#""eva@"#), "\(listed.output)")
        try await home.world.serve(settings("one", one)) { server in
            let key = try ResearcherKey(parsing: issued.output)
            #expect(try await home.world.get(server.url + "/credentials", key: key.text).status == 200)
            let logins = try await succeeded(role(["--list", "--format", "csv"])).output.split(
                whereSeparator: \.isNewline
            )
            #expect(logins.count == 6)
            #expect(logins.contains("eva,admin,password,0"), "\(logins)")
            #expect(logins.contains { $0.hasPrefix("one,server,password,") && !$0.hasSuffix(",0") }, "\(logins)")
            let unasked = try await role(["one", "--remove"])
            #expect(unasked.exitCode == 1 && unasked.errors.contains("--yes"))
            let removed = try await succeeded(role(["one", "--remove", "--yes"]))
            #expect(removed.errors.contains("which can do nothing more"), "\(removed.errors)")
            try await Waiting.until("the server to be shut out") {
                try await home.world.get(server.url + "/readyz").status == 503
            }
            let body = String(decoding: try await home.world.get(server.url + "/readyz").body, as: UTF8.self)
            #expect(body.contains(#""database":"refused""#), "\(body)")
        }
        let shutOut = try await home.world.run(Checkout.program("vending-server"), ["check"], settings("one", one))
        #expect(shutOut.exitCode == 1)
        let changes = try await succeeded(home.admin("audit list --kind login_changed --format json")).output
        for change in ["added eva (admin)", "added one (server)", "changed one (server)", "removed one (server)"] {
            #expect(changes.contains(change))
        }
        try await succeeded(home.admin("audit verify"))
    }

    @Test(arguments: [
        ("", 64, "say one of --admin, --server, --list and --remove"), ("--admin", 64, "name the login"),
        ("ada --admin --server", 64, "say one of"), ("ada --list", 64, "--list lists all logins"),
        ("ada --admin --iam --password-file f", 64, "not both"), ("ada --remove --iam", 64, "goes with"),
        ("Ada@desk --admin", 64, "lower-case letters"), ("ada --remove --yes", 1, "there is no login ada"),
        ("postgres --admin", 1, "no login of Bursar's"), ("bursar_admin --server", 1, "is an operator's login"),
        ("bursar_server --remove --yes", 1, "have their rights from bursar_server"),
        ("one --server --iam", 1, "no role rds_iam"), ("one --server --password-file /nowhere", 1, "/nowhere"),
    ])
    func `what makes no sense is refused in one line, and nothing is made`(
        _ line: String,
        _ code: Int,
        _ message: String
    ) async throws {
        let home = try await Self.refusing.value
        let outcome = try await home.admin("database role " + line, as: PostgresCluster.superuser)
        #expect(outcome.exitCode == code)
        let problem = outcome.errors.split(separator: "\n").first ?? ""
        #expect(problem.hasPrefix("admin: error: ") && problem.contains(message), "\(outcome.errors)")
        let listed = try await succeeded(home.admin("database role --list --format csv", as: PostgresCluster.superuser))
        #expect(listed.output.split(whereSeparator: \.isNewline).count == 3)
    }

    /// A server that refused commands share.
    private static let refusing = Task {
        let home = try await PostgresHome()
        try await succeeded(home.admin("database init", as: PostgresCluster.superuser))
        return home
    }

    @Test func `an operator's login makes no other, and a database in a file has none`() async throws {
        let home = try await Self.refusing.value
        let denied = try await home.admin("database role eve --admin")
        #expect(denied.exitCode == 1)
        #expect(denied.errors.contains("permission denied to create role"), "\(denied.errors)")
        #expect(denied.errors.contains("admin database init"))
        try await succeeded(home.world.admin("database init"))
        let file = try await home.world.admin("database role ada --admin")
        #expect(file.exitCode == 1)
        #expect(file.errors.contains("is a file, which has no logins"))
    }
}
