import AWSAuth
import BursarConsole
import BursarFoundation
import BursarHTTP
import BursarModel
import Subprocess
import TestSupport
import Testing

@testable import vending_server

/// `vending-server check` and its parts.
@Suite struct CheckTests {
    private struct Report: Decodable {
        struct Finding: Decodable {
            let check: String
            let status: String
            let detail: String
            let hint: String?
        }

        let passed: Bool
        let findings: [Finding]

        subscript(name: String) -> Finding? { findings.first { $0.check == name } }
    }

    private func check(_ real: RealServer, _ changes: [String: String] = [:]) async throws -> Report {
        let environment = real.environment.merging(changes) { $1 }
        let program = Program(Checkout.program("vending-server"), environment: environment)
        let outcome = try await program.run(["check", "--format", "json"])
        let report = try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
        #expect(outcome.exitCode == (report.passed ? 0 : 1), "\(outcome.errors)")
        return report
    }

    /// Runs `body` with the settings for an STS with scripted permissions.
    private func withSTS<Result: Sendable>(
        skew: Int = 0,
        denying denied: [String] = [],
        body: ([String: String]) async throws -> Result
    ) async throws -> Result {
        let script = Checkout.root + "Tests/VendingServerTests/Peers/checked_sts.py"
        return try await ChildServer.run(.name("python3"), [script, "\(skew)"] + denied) { sts in
            try await body([
                "BURSAR_ISSUER": "sts", "BURSAR_ROLE_ARN": "arn:aws:iam::123456789012:role/bedrock",
                "BURSAR_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret",
                "AWS_ENDPOINT_URL_STS": sts.url,
            ])
        }
    }

    @Test func `with everything in place each check is a line and the exit is 0`() async throws {
        let real = try RealServer()
        try await withSTS { settings in
            let report = try await check(real, settings)
            #expect(report.passed)
            #expect(
                report.findings.map(\.check) == [
                    "settings", "open files", "database", "tls", "credentials", "clock", "role", "duration",
                ]
            )
            #expect(report["credentials"]?.detail == "the server is arn:aws:iam::123456789012:user/server")
            let environment = real.environment.merging(settings) { $1 }
            let text = try await Program(Checkout.program("vending-server"), environment: environment).run(["check"])
            #expect(text.exitCode == 0)
            #expect(
                text.output.contains(
                    "ok       role         sts:AssumeRole on arn:aws:iam::123456789012:role/bedrock: granted\n"
                )
            )
        }
    }

    @Test func `a denied role is named by its permission`() async throws {
        let real = try RealServer()
        try await withSTS(denying: ["RoleArn"]) { settings in
            let report = try await check(real, settings)
            #expect(!report.passed)
            #expect(report["role"]?.status == "problem")
            #expect(report["role"]?.detail.contains("sts:AssumeRole") == true)
            #expect(report["role"]?.hint?.contains("trust policy") == true)
        }
    }

    @Test(arguments: [("Tags", "sts:TagSession", "tags"), ("SourceIdentity", "sts:SetSourceIdentity", "identity")])
    func `a permission that is missing for what is configured has a name`(
        _ denied: String,
        _ permission: String,
        _ name: String
    ) async throws {
        try await withSTS(denying: [denied]) { settings in
            let real = try RealServer()
            let configured = ["BURSAR_SESSION_TAGS": "yes", "BURSAR_SOURCE_IDENTITY": "yes"]
            let report = try await check(real, settings.merging(configured) { $1 })
            #expect(
                report.findings.map(\.check) == [
                    "settings", "open files", "database", "tls", "credentials", "clock", "role", "duration", "tags",
                    "identity",
                ]
            )
            let problems = report.findings.filter { $0.status == "problem" }
            #expect(problems.map(\.check) == [name])
            #expect(problems.first?.detail.contains(permission) == true)
        }
    }

    @Test func `a session that is longer than the role's is reported before a researcher asks`() async throws {
        let real = try RealServer()
        try await withSTS { settings in
            let report = try await check(real, settings.merging(["BURSAR_SESSION_DURATION": "12h"]) { $1 })
            #expect(report["role"]?.status == "ok")
            #expect(report["duration"]?.detail.contains("MaxSessionDuration") == true)
        }
    }

    @Test(arguments: [(-100, "ahead of"), (100, "behind")])
    func `a wrong clock is reported, with by how much`(_ skew: Int, _ side: String) async throws {
        let real = try RealServer()
        try await withSTS(skew: skew) { settings in
            let clock = try #require(try await check(real, settings)["clock"])
            #expect(clock.status == "problem")
            #expect(clock.detail.contains(side))
        }
    }

    @Test func `a wrong setting, a missing database and absent credentials are problems`() async throws {
        let real = try RealServer()
        let misspelled = try await check(real, ["BURSAR_HTTP_PROT": "1"])
        #expect(misspelled.findings.map(\.check) == ["settings"])
        #expect(misspelled["settings"]?.hint == "did you mean BURSAR_HTTP_PORT?")
        let missing = try await check(real, ["BURSAR_DATABASE": real.folder + "/nothing"])
        #expect(missing["database"]?.detail.contains("there is no database") == true)
        let nobody = [
            "BURSAR_ISSUER": "sts", "BURSAR_ROLE_ARN": "arn:aws:iam::123456789012:role/bedrock",
            "BURSAR_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true",
        ]
        #expect(try await check(real, nobody)["credentials"]?.detail.contains("no AWS credentials") == true)
    }

    @Test func `a database that others read is a problem, a simulated issuer a warning`() async throws {
        let real = try RealServer()
        #expect(try await check(real).passed)
        #expect(try await check(real)["security"]?.status == "warning")
        let path = real.folder + "/bursar.sqlite"
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
        let report = try await check(real)
        #expect(!report.passed)
        #expect(report["database"]?.hint == "chmod 600 \(path)")
    }

    @Test(arguments: [0o777, 0o775])
    func `a database in a folder that others may write to is a problem, and isn't served`(mode: Int) async throws {
        let real = try RealServer()
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: real.folder)
        #expect(try await check(real)["database"]?.hint?.hasPrefix("chmod 700 \(real.folder)") == true)
        let served = try await real.run(Checkout.program("vending-server"), ["serve"])
        #expect(served.exitCode == 1)
        #expect(served.errors.contains("others may put files into \(real.folder), or take the database away"))
    }

    @Test func `a damaged database is a problem`() async throws {
        let real = try RealServer()
        let path = real.folder + "/bursar.sqlite"
        let script =
            "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('PRAGMA journal_mode=DELETE'); "
            + "c.execute('PRAGMA writable_schema=1'); "
            + "c.execute(\"UPDATE sqlite_master SET rootpage=2 WHERE name='records'\"); c.commit()"
        _ = try await real.run("/usr/bin/env", ["python3", "-c", script, path])
        #expect(try await check(real)["database"]?.status == "problem")
    }
}
