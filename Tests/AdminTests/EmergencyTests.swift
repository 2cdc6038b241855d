import BursarFoundation
import BursarModel
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// Changes in the server's database stay, whatever AWS then answers: a key that leaked is revoked first.
@Suite(.enabled(if: Account.isThere), .serialized)
struct EmergencyTests {
    private static let end = "2099-01-01T00:00:00Z"

    /// AWS as an operator has it whom everything fails.
    private static func faulty(_ url: String) -> [String: String] {
        [
            "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI",
            "AWS_ENDPOINT_URL": url, "AWS_EC2_METADATA_DISABLED": "true", "BURSAR_SESSION_TAGS": "yes",
        ].merging(Account.role) { $1 }
    }

    /// Runs `body` with a key of ada's whose sessions live.
    private func withKey(_ body: (_ home: OperatorHome, _ id: String) async throws -> Void) async throws {
        let home = try OperatorHome()
        try await home.addAda()
        let id = try await home.issueKey()
        try await home.sql(
            "INSERT INTO usage_keys VALUES ('\(id)', 1, 1764500000000, 1764500000000, 1, 4070908800000)"
        )
        try await body(home, id)
    }

    private func withFaults(_ body: (_ url: String) async throws -> Void) async throws {
        let script = Checkout.root + "Tests/AdminTests/Peers/aws_faults.py"
        try await ChildServer.run(.path("/usr/bin/env"), ["python3", script]) { try await body($0.url) }
    }

    private func expectRevoked(_ outcome: Program.Outcome, _ home: OperatorHome, _ cause: String) async throws {
        #expect(outcome.isRefusal, "\(outcome.errors)")
        #expect(try await home.sql("SELECT revoked_at > 0 FROM keys") == "1\n", "\(cause)")
        #expect(outcome.errors.contains("revoked key "), "\(cause)")
        let error = outcome.errors.split(separator: "\n").first { $0.hasPrefix("admin: error: ") } ?? ""
        #expect(error.contains("the key is revoked; its sessions live until \(Self.end)"), "\(outcome.errors)")
        #expect(error.contains(cause), "\(outcome.errors)")
        #expect(outcome.errors.contains("admin sessions end ada --print --yes"), "\(outcome.errors)")
    }

    @Test(arguments: [
        ("denied", "may not sts:GetCallerIdentity"), ("iam-denied", "may not iam:GetRole"),
        ("throttled", "too many calls to sts:GetCallerIdentity"), ("iam-throttled", "too many calls to iam:GetRole"),
        ("expired", "your AWS credentials have ended"), ("broken", "AWS is not well"),
        ("rubbish", "what answered is not AWS"), ("reset", "AWS broke off the connection"),
        ("elsewhere", "is in account 123456789012, and you act in 210987654321"),
    ])
    func `a key is revoked whatever AWS answers`(fault: String, cause: String) async throws {
        try await withFaults { url in
            try await withKey { home, id in
                let words = ["keys", "revoke", id, "--reason", "leaked", "--end-sessions", "--yes"]
                let outcome = try await home.admin(words, Self.faulty("\(url)/\(fault)"))
                try await expectRevoked(outcome, home, cause)
            }
        }
    }

    @Test(arguments: ["hanging", "iam-hanging"])
    func `a key is revoked while AWS says nothing`(fault: String) async throws {
        try await withFaults { url in
            try await withKey { home, id in
                let words = ["keys", "revoke", id, "--reason", "leaked", "--end-sessions", "--yes"]
                let outcome = try await home.admin(words, Self.faulty("\(url)/\(fault)"))
                try await expectRevoked(outcome, home, "AWS took too long to answer")
            }
        }
    }

    @Test(arguments: [
        (["AWS_ENDPOINT_URL": "http://127.0.0.1:1"], "AWS can't be reached"),
        (["AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""], "there are no AWS credentials here"),
        (["AWS_ACCESS_KEY_ID": "", "AWS_PROFILE": "none"], "there is no AWS profile none"),
        (["AWS_CONFIG_FILE": "/dev/null/config", "AWS_ACCESS_KEY_ID": ""], "credentials"),
        (["AWS_ENDPOINT_URL": "http://aws.example.org"], "an endpoint that is set for AWS can't be used"),
        (["BURSAR_REGION": "us east"], ""),
        (["BURSAR_ROLE_PROJECTS": "engines=role"], "BURSAR_ROLE_PROJECTS"),
        (["BURSAR_ROLE_ARN": ""], "no role is known"),
        (["BURSAR_ROLE_ARN": "bedrock"], "is not"),
    ])
    func `a key is revoked whatever is missing here`(changes: [String: String], cause: String) async throws {
        try await withKey { home, id in
            let words = ["keys", "revoke", id, "--reason", "leaked", "--end-sessions", "--yes"]
            let settings = Self.faulty("http://127.0.0.1:1").merging(changes) { $1 }.filter { !$0.value.isEmpty }
            try await expectRevoked(try await home.admin(words, settings), home, cause)
        }
    }

    @Test func `stopped while AWS is asked, it says that the key is revoked`() async throws {
        try await withFaults { url in
            try await withKey { home, id in
                let stop = Checkout.root + "Tests/AdminTests/Peers/stop_at.py"
                let environment = home.environment.merging(Self.faulty(url + "/hanging")) { $1 }
                let words = ["keys", "revoke", id, "--reason", "leaked", "--end-sessions", "--yes"]
                let outcome = try await Program("/usr/bin/env", environment: environment)
                    .run(["python3", stop, "revoked key", Checkout.program("admin")] + words)
                #expect(outcome.output.contains("the key is revoked; its sessions live until \(Self.end): stopped"))
                #expect(outcome.output.contains("exit 1"), "\(outcome.output)")
                #expect(try await home.sql("SELECT revoked_at > 0 FROM keys") == "1\n")
            }
        }
    }

    @Test(arguments: ["denied", "hanging", "iam-denied", "elsewhere"])
    func `sessions are dropped by the server whatever AWS says, and the policy is printed all the same`(fault: String)
        async throws
    {
        try await withFaults { url in
            try await withKey { home, _ in
                let settings = Self.faulty("\(url)/\(fault)")
                let ended = try await home.admin(["sessions", "end", "ada", "--yes"], settings)
                #expect(ended.isRefusal && ended.errors.contains("ada's sessions live until \(Self.end)"))
                #expect(ended.errors.contains("admin sessions end ada --print --yes > end-ada.json"), "\(ended.errors)")
                #expect(try await home.sql("SELECT sessions_valid_from > 0 FROM researchers") == "1\n")
                let printed = try await home.admin(["sessions", "end", "ada", "--print", "--yes"], settings)
                #expect(printed.exitCode == 0 && printed.output.contains("aws:TokenIssueTime"), "\(printed.errors)")
            }
        }
    }

    @Test func `with the stack's own role the key is revoked, and what is printed ends its sessions`() async throws {
        try await StackAccount.withMoto { account in
            let applied = try await account.aws("apply --yes --external-id lab-7")
            try #require(applied.isSuccess, "\(applied.errors)")
            var server = [
                "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_EC2_METADATA_DISABLED": "",
                "AWS_EC2_METADATA_SERVICE_ENDPOINT": account.metadata, "BURSAR_DATABASE": account.home + "/db.sqlite",
            ]
            for line in applied.output.split(separator: "\n") where line.hasPrefix("BURSAR_") {
                let parts = line.split(separator: "=", maxSplits: 1).map(String.init)
                server[parts[0]] = parts[1]
            }
            let admin = Checkout.program("admin")
            for line in [
                "database init", "researchers add ada --name Ada --email ada@example.edu --project engines",
            ] {
                let done = try await account.run(admin, line.split(separator: " ").map(String.init), server)
                try #require(done.isSuccess, "\(done.errors)")
            }
            let key = try await account.run(admin, ["keys", "issue", "ada", "--quiet"], server).output
            let id = try ResearcherKey(parsing: key).id.description
            let words = ["keys", "revoke", id, "--reason", "leaked", "--end-sessions", "--yes"]
            let revoked = try await account.run(admin, words, server)
            #expect(revoked.isRefusal && revoked.errors.contains("the key is revoked; "), "\(revoked.errors)")
            #expect(revoked.errors.contains("may not iam:GetRole"))
            let shown = try await account.run(admin, ["keys", "show", id], server)
            #expect(shown.output.contains("revoked"), "\(shown.output)")
            // The command that it names next works with the same rights, for an operator who has more.
            let printed = try await account.run(admin, ["sessions", "end", "ada", "--print", "--yes"], server)
            #expect(printed.exitCode == 0, "\(printed.errors)")
            let file = account.home + "/end-ada.json"
            try Data(printed.output.utf8).write(to: URL(filePath: file))
            let line = try #require(
                printed.errors.split(separator: "\n").first { $0.contains("aws iam put-role-policy") }
            )
            let put = line.split(separator: "aws ", maxSplits: 1)[1].replacing("end-ada.json", with: file)
            _ = try await account.cli(String(put))
            let role = try #require(server["BURSAR_ROLE_ARN"]?.split(separator: "/").last)
            #expect(try await account.cli("iam list-role-policies --role-name \(role)").contains("bursar-end-ada"))
        }
    }

    @Test func `a deny that another operator wrote over is put again, joined with theirs`() async throws {
        try await withFaults { url in
            try await withKey { home, _ in
                let settings = Self.faulty(url + "/overwritten")
                let ended = try await home.admin(["sessions", "end", "ada", "--yes"], settings)
                #expect(ended.exitCode == 0 && ended.errors.contains("denied on role bedrock"), "\(ended.errors)")
                let changes = try await home.sql("SELECT detail FROM records WHERE kind = 'aws_changed'")
                let put = "iam:PutRolePolicy bursar-end-ada on role arn:aws:iam::123456789012:role/bedrock"
                #expect(changes == String(repeating: put + ", account 123456789012\n", count: 2))
            }
        }
    }
}
