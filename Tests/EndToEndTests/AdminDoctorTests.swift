import BursarFoundation
import BursarModel
import TestSupport
import Testing

/// `admin doctor`, with one problem at a time.
@Suite struct AdminDoctorTests {
    private static let simulated = ["BURSAR_ISSUER": "simulated"]

    private struct Report: Decodable {
        struct Finding: Decodable {
            let check: String
            let status: String
            let detail: String
        }

        let passed: Bool
        let findings: [Finding]

        func status(_ check: String) -> String? { findings.first { $0.check == check }?.status }
    }

    private let world: World

    init() async throws {
        world = try World()
        _ = try await world.onboardAda()
    }

    private func doctor(_ more: [String] = [], _ settings: [String: String] = simulated) async throws -> Report {
        let arguments = ["doctor", "--format", "json"] + more
        let outcome = try await world.run(Checkout.program("admin"), arguments, settings)
        let report = try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
        #expect(outcome.isSuccess == report.passed, "exit 1 on a problem")
        return report
    }

    @Test func `a new database passes, with what is still to be done`() async throws {
        let report = try await doctor()
        #expect(report.passed)
        #expect(report.status("database") == "ok")
        #expect(report.status("backup") == "warning")
        #expect(report.status("server") == "warning")
    }

    @Test func `a server that is ready is found, with a backup nothing is left to do`() async throws {
        try await succeeded(world.admin("database backup", world.home + "/copy.sqlite"))
        try await world.serve(Self.simulated) { server in
            let report = try await doctor(["--url", server.url])
            // The limit of open files depends on the machine.
            let others = report.findings.filter { $0.status != "ok" && $0.check != "open files" }.map(\.check)
            #expect(others == ["security"], "simulated credentials")
            let files = report.findings.first { $0.check == "open files" }?.detail
            #expect(files?.hasPrefix("the server's limit: ") == true)
        }
    }

    @Test func `a server with TLS is asked by the name that its certificate is for`() async throws {
        let files = (key: world.home + "/key.pem", certificate: world.home + "/certificate.pem")
        let arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj",
            "/CN=bursar", "-addext", "subjectAltName=DNS:localhost", "-keyout", files.key, "-out", files.certificate,
        ]
        try await succeeded(world.run("/usr/bin/openssl", arguments))
        let tls = ["BURSAR_TLS_CERTIFICATE": files.certificate, "BURSAR_TLS_KEY": files.key]
        let settings = Self.simulated.merging(tls) { $1 }
        try await world.serve(settings, announcement: "https://127.0.0.1:") { server in
            let here = settings.merging(["BURSAR_HTTP_PORT": "\(server.port)", "SSL_CERT_FILE": files.certificate]) {
                $1
            }
            let refused = try await doctor([], here)
            #expect(refused.status("server") == "problem", "the certificate isn't for 127.0.0.1")
            let named = here.merging(["BURSAR_PUBLIC_URL": "https://localhost:\(server.port)"]) { $1 }
            let found = try await doctor([], named)
            #expect(found.status("server") == "ok")
        }
    }

    /// A change to the database, in SQL, the check that finds it, and its state then.
    @Test(arguments: [
        (
            """
            UPDATE keys SET expires_at = 1000 * (unixepoch() + 5 * 86400)
            """, "keys", "warning"
        ),
        (
            """
            UPDATE keys SET created_at = 1000 * (unixepoch() - 90 * 86400), expires_at = 1000 * (unixepoch() - 86400)
            """, "keys", "warning"
        ),
        (
            """
            UPDATE keys SET created_at = 1000 * (unixepoch() - 61 * 86400)
            """, "keys", "warning"
        ),
        (
            """
            INSERT INTO records (sequence, kind, occurred_at, key_id, researcher, hash)
            SELECT max(sequence) + 1, 'canary_used', 1000 * (unixepoch() - 3600), '7c3kq9x2mzpa', 'ada', zeroblob(32)
            FROM records
            """, "canaries", "problem"
        ),
        (
            """
            INSERT INTO usage_daily (day, key_id, outcome, count, last_at)
            SELECT unixepoch() / 86400, id, 'canary_used', 1, 1000 * (unixepoch() - 60) FROM keys LIMIT 1
            """, "canaries", "problem"
        ),
        (
            """
            INSERT INTO records (sequence, kind, occurred_at, hash)
            SELECT max(sequence) + 1, 'vending_resumed', 1000 * (unixepoch() + 3600), zeroblob(32) FROM records
            """, "clock", "problem"
        ),
        (
            """
            INSERT INTO records (sequence, kind, occurred_at, hash)
            SELECT max(sequence) + 1, 'database_backed_up', 1000 * (unixepoch() - 8 * 86400), zeroblob(32) FROM records
            """, "backup", "warning"
        ),
        (
            """
            UPDATE revision SET paused_at = 1000 * unixepoch()
            """, "vending", "warning"
        ),
    ])
    func `what isn't well is found`(_ change: String, _ check: String, _ status: String) async throws {
        try await world.change(change)
        let report = try await doctor()
        #expect(report.status(check) == status)
        #expect(report.passed == (status != "problem"))
    }

    @Test func `a file that others may read, and a folder that others may write to, are problems`() async throws {
        let folder = URL(filePath: world.database).deletingLastPathComponent().path(percentEncoded: false)
        for (path, mode) in [(world.database, 0o640), (folder, 0o777)] {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        }
        let details = try await doctor().findings.filter { $0.check == "permissions" }.map(\.detail)
        #expect(details.count == 2)
    }

    @Test func `a server that isn't ready is a problem`() async throws {
        try await world.serve(Self.simulated) { server in
            try await succeeded(world.admin("vending pause --yes"))
            try await Waiting.until("the server to see it") {
                try await doctor(["--url", server.url]).status("server") == "problem"
            }
        }
    }

    @Test func `a server that answers elsewhere than its settings say is a problem`() async throws {
        try await world.serve(Self.simulated) { _ in
            let status = try await doctor(["--url", "http://127.0.0.1:9"]).status("server")
            #expect(status == "problem")
        }
    }

    @Test func `settings that can't be read are a problem, none at all are only mentioned`() async throws {
        #expect(try await doctor([], [:]).status("settings") == "warning")
        #expect(try await doctor([], ["BURSAR_ISSUER": "sts"]).status("settings") == "problem")
    }

    @Test func `without a database there is one problem, and the way out`() async throws {
        let outcome = try await world.run(
            Checkout.program("admin"),
            ["doctor"],
            ["BURSAR_DATABASE": world.home + "/none.sqlite"]
        )
        #expect(outcome.exitCode == 1)
        #expect(outcome.output.contains("admin database init"))
    }
}
