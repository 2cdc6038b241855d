import BursarFoundation
import TestSupport
import Testing

/// `admin sessions end`, against moto's IAM, which keeps policies and doesn't look at their conditions.
@Suite(.enabled(if: Account.isThere), .serialized)
struct SessionEndCommandTests {
    private static let name = "bursar-end-ada"
    private static let reading = "get-role-policy --role-name bedrock --output json --policy-name"

    @Test func `it puts a deny of the researcher's older sessions on the role, and tells when it is in force`()
        async throws
    {
        try await Account.with { account in
            try await account.addAda()
            let ended = try await account.admin("sessions end ADA --yes", changes: Account.role)
            #expect(ended.exitCode == 0 && ended.output.isEmpty, "\(ended.errors)")
            #expect(ended.errors.contains("acting as arn:aws:iam::123456789012:user/operator"))
            #expect(ended.errors.contains("denied on role bedrock: ada's sessions issued before "))
            #expect(ended.errors.contains("in force since ") && ended.errors.contains("none of them was alive"))
            // No server works on the database, so none can have asked STS for anything.
            #expect(!ended.errors.contains("waiting"))
            let policy = try await account.iam("\(Self.reading) \(Self.name)")
            #expect(policy.contains("\"*:ada\"") && policy.contains("aws:TokenIssueTime"))
            #expect(!policy.contains("SourceIdentity"))
            #expect(try await account.iam("list-role-policies --role-name bedrock").contains("use"))
            let audit = try await account.admin("audit list --kind sessions_ended --format json")
            #expect(audit.output.contains("valid from "), "\(audit.errors)")
        }
    }

    @Test func `all roles that sessions may be of get it, and SourceIdentity where the server sets that`() async throws
    {
        try await Account.with { account in
            try await account.addAda()
            let more = [
                "BURSAR_ROLE_PROJECTS": "engines=arn:aws:iam::123456789012:role/engines",
                "BURSAR_SOURCE_IDENTITY": "yes",
            ]
            let words = "sessions end ada --yes --role-arn arn:aws:iam::123456789012:role/sessions"
            let settings = Account.role.merging(more) { $1 }
            let ended = try await account.admin(words, changes: settings)
            #expect(ended.exitCode == 0, "\(ended.errors)")
            for role in ["bedrock", "engines", "sessions"] {
                let policy = try await account.iam(
                    "get-role-policy --role-name \(role) --output json --policy-name \(Self.name)"
                )
                #expect(policy.contains("aws:SourceIdentity") && policy.contains("aws:userid"), "\(role)")
            }
            let denies = try await account.admin("sessions denies --format csv", changes: settings)
            #expect(denies.output.split(separator: "\r\n").count == 3, "\(denies.output)")
        }
    }

    @Test func `a project's role gets it although other settings are lacking here`() async throws {
        try await Account.with { account in
            try await account.addAda()
            // TLS is lacking, so a server would not start with these.
            let settings = Account.role.merging([
                "BURSAR_HTTP_HOST": "0.0.0.0", "BURSAR_ROLE_PROJECTS": "engines=arn:aws:iam::123456789012:role/engines",
            ]) { $1 }
            let ended = try await account.admin("sessions end ada --yes", changes: settings)
            #expect(ended.exitCode == 0 && ended.errors.contains("denied on role engines"), "\(ended.errors)")
            #expect(ended.errors.contains("the server's settings are not complete here"))
        }
    }

    @Test func `two operators at once, and the same again, leave one deny that covers both`() async throws {
        try await Account.with { account in
            try await account.addAda()
            async let one = account.admin("sessions end ada --yes", changes: Account.role)
            async let other = account.admin("sessions end ada --yes", changes: Account.role)
            for outcome in [try await one, try await other] { #expect(outcome.exitCode == 0, "\(outcome.errors)") }
            #expect(try await account.admin("sessions end ada --yes", changes: Account.role).exitCode == 0)
            let listed = try await account.admin("sessions denies --format json", changes: Account.role)
            let rows: [Deny] = try decoded(listed.output)
            #expect(rows.count == 1 && rows.first?.state == "denies")
            let valid = try await account.column("SELECT sessions_valid_from FROM researchers WHERE handle = 'ada'")
            let before = try #require(rows.first.flatMap { try? Date($0.before, strategy: .iso8601) })
            // The server hands out nothing that this denies.
            #expect(before.timeIntervalSince1970 * 1000 <= (Double(valid) ?? 0) + 1)
        }
    }

    @Test func `without a yes, dry, misused or in an unknown name nothing changes`() async throws {
        try await Account.with { account in
            try await account.addAda()
            let unasked = try await account.admin("sessions end ada", changes: Account.role)
            #expect(unasked.isRefusal && unasked.errors.contains("--yes"), "\(unasked.errors)")
            let dry = try await account.admin("sessions end ada --dry-run", changes: Account.role)
            #expect(dry.exitCode == 0 && dry.errors.contains("bursar-end-ada would be put"), "\(dry.errors)")
            #expect(try await account.admin("sessions end adda --yes", changes: Account.role).errors.contains("ada"))
            #expect(try await account.admin("sessions end ada --print --dry-run").exitCode == 64)
            let misspelt = try await account.admin("sessions end ada --role-arn bedrock --yes", changes: Account.role)
            #expect(misspelt.exitCode == 64 && misspelt.errors.contains("--role-arn"), "\(misspelt.errors)")
            try await account.expectUntouched()
        }
    }

    @Test(arguments: [
        ([:], "no role is known"), (["BURSAR_ROLE_ARN": "role"], "BURSAR_ROLE_ARN"),
        (["BURSAR_ROLE_PROJECTS": "engines=role"], "BURSAR_ROLE_PROJECTS"),
    ])
    func `without a readable role the server drops the sessions first, and the error has the rest`(
        settings: [String: String],
        cause: String
    ) async throws {
        try await Account.with { account in
            try await account.addAda()
            for line in ["sessions end ada --dry-run", "sessions end ada"] {
                let refused = try await account.admin(line, changes: settings)
                #expect(refused.isRefusal, "\(refused.errors)")
                try await account.expectUntouched()
            }
            for line in ["sessions end ada --yes", "sessions end ada --print --yes"] {
                let ended = try await account.admin(line, changes: settings)
                #expect(ended.isRefusal && ended.errors.contains(cause), "\(ended.errors)")
                let dropped = try #require(ended.errors.firstRange(of: "the server hands out no session of ada's"))
                let rest = try #require(ended.errors.firstRange(of: "but AWS may still take them; "))
                #expect(dropped.upperBound < rest.lowerBound)
                #expect(ended.errors.contains("admin sessions end ada --print --yes --role-arn ROLE > end-ada.json"))
            }
            #expect(try await account.column("SELECT sessions_valid_from > 0 FROM researchers") == "1")
        }
    }

    @Test func `a role that isn't there or is another account's is refused, and the server has dropped the sessions`()
        async throws
    {
        try await Account.with { account in
            try await account.addAda()
            let other = ["BURSAR_ROLE_ARN": "arn:aws:iam::210987654321:role/bedrock", "BURSAR_REGION": "us-east-1"]
            let elsewhere = try await account.admin("sessions end ada --yes", changes: other)
            #expect(elsewhere.isRefusal, "\(elsewhere.errors)")
            #expect(elsewhere.errors.contains("is in account 210987654321, and you act in 123456789012"))
            for name in ["missing", "path/bedrock"] {
                let missing = [
                    "BURSAR_ROLE_ARN": "arn:aws:iam::123456789012:role/\(name)", "BURSAR_REGION": "us-east-1",
                ]
                let none = try await account.admin("sessions end ada --yes", changes: missing)
                #expect(none.isRefusal && none.errors.contains("there is no role arn:aws:iam"), "\(none.errors)")
            }
            let malformed = try await account.admin("sessions end ada --yes --role-arn bedrock", changes: Account.role)
            #expect(malformed.isRefusal && malformed.errors.contains("is not the ARN of a role"))
            let clerk = try await account.admin(
                "sessions end ada --yes",
                changes: Account.role.merging(account.clerk) { $1 }
            )
            #expect(clerk.isRefusal && clerk.errors.contains("may not iam:GetRole"), "\(clerk.errors)")
            #expect(try await account.column("SELECT sessions_valid_from > 0 FROM researchers") == "1")
            #expect(!(try await account.iam("list-role-policies --role-name bedrock").contains("bursar-end")))
        }
    }

    @Test func `cut off by a missing permission it says how things stand, and goes on when it is run again`()
        async throws
    {
        try await Account.with { account in
            try await account.addAda()
            let reader = Account.role.merging(account.reader) { $1 }
            let denied = try await account.admin("sessions end ada --yes", changes: reader)
            #expect(denied.isRefusal && denied.errors.contains("may not iam:PutRolePolicy"), "\(denied.errors)")
            #expect(denied.errors.contains("but AWS may still take them"))
            #expect(try await account.column("SELECT sessions_valid_from > 0 FROM researchers") == "1")
            #expect(!(try await account.iam("list-role-policies --role-name bedrock").contains(Self.name)))
            #expect(try await account.admin("sessions end ada --yes", changes: Account.role).exitCode == 0)
            #expect(try await account.iam("list-role-policies --role-name bedrock").contains(Self.name))
        }
    }

    @Test func `those without rights get the policy printed, and the server has dropped the sessions`() async throws {
        try await Account.with { account in
            try await account.addAda()
            let nobody = ["AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""].merging(Account.role) { $1 }
            let printed = try await account.admin("sessions end ada --print --yes", changes: nobody)
            #expect(printed.exitCode == 0, "\(printed.errors)")
            #expect(printed.errors.contains("AWS's clock can't be asked"))
            #expect(
                printed.errors.contains(
                    "aws iam put-role-policy --role-name bedrock --policy-name bursar-end-ada "
                        + "--policy-document file://end-ada.json"
                )
            )
            #expect(try await account.column("SELECT sessions_valid_from > 0 FROM researchers") == "1")
            #expect(!(try await account.iam("list-role-policies --role-name bedrock").contains(Self.name)))
            // What it prints is what AWS's own tool takes, and what this program knows again.
            try await account.put(Self.name, printed.output)
            let denies = try await account.admin("sessions denies --format json", changes: Account.role)
            #expect(try decoded(denies.output, as: [Deny].self).map(\.state) == ["denies"], "\(denies.output)")
        }
    }

    @Test func `a server that simulates has nothing in AWS to end`() async throws {
        try await Account.with { account in
            try await account.addAda()
            let ended = try await account.admin("sessions end ada --yes", changes: ["BURSAR_ISSUER": "simulated"])
            #expect(ended.exitCode == 0 && ended.errors.contains("simulates credentials"), "\(ended.errors)")
            #expect(try await account.column("SELECT sessions_valid_from > 0 FROM researchers") == "1")
        }
    }

    @Test func `stopped while it waits, it says that AWS still takes the sessions`() async throws {
        try await Account.with { account in
            try await account.addAda()
            // A server of whom nobody knows what it has asked STS for.
            let script = """
                import fcntl, signal, subprocess, sys
                held = open(sys.argv[1] + ".server", "w+")
                fcntl.lockf(held, fcntl.LOCK_SH)
                child = subprocess.Popen(sys.argv[2:], stderr=subprocess.PIPE, text=True)
                for line in child.stderr:
                    print(line, end="")
                    if "waiting" in line: child.send_signal(signal.SIGINT)
                print("exit", child.wait())
                """
            let command = [Checkout.program("admin"), "sessions", "end", "ada", "--yes"]
            let outcome = try await account.run(
                "/usr/bin/env",
                ["python3", "-c", script, account.database] + command,
                Account.role
            )
            #expect(outcome.output.contains("waiting 13 s for requests to STS"), "\(outcome.output)\(outcome.errors)")
            #expect(outcome.output.contains("AWS may still take them") && outcome.output.contains("exit 1"))
            #expect(!(try await account.iam("list-role-policies --role-name bedrock").contains(Self.name)))
        }
    }
}

struct Deny: Decodable {
    let policy: String
    let sessions: String?
    let state: String
    let before: String
}

extension Account {
    /// The server's settings, as far as AWS goes.
    static let role = ["BURSAR_ROLE_ARN": "arn:aws:iam::123456789012:role/bedrock", "BURSAR_REGION": "us-east-1"]

    var database: String { home + "/state/bursar.sqlite" }

    /// A database with ada in it.
    func addAda() async throws {
        for words in [
            "database init", "researchers add ada --name Ada --email ada@example.edu --project engines",
        ] {
            let done = try await admin(words)
            try #require(done.exitCode == 0, "\(done.errors)")
        }
    }

    /// A new key of ada's, by its id.
    func issueKey() async throws -> String {
        let id = try await admin("keys issue ada --format json")
        struct Issued: Decodable { let id: String }
        return try decoded(id.output, as: Issued.self).id
    }

    /// The one value that `sql` asks for.
    func column(_ sql: String) async throws -> String {
        let script =
            "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchone()[0], end='')"
        return try await run("/usr/bin/env", ["python3", "-c", script, database, sql], [:]).output
    }

    /// Puts an inline policy on the role past `admin`.
    func put(_ name: String, _ document: String) async throws {
        let path = home + "/" + name + ".json"
        try Data(document.utf8).write(to: URL(filePath: path))
        _ = try await iam("put-role-policy --role-name bedrock --policy-name \(name) --policy-document file://\(path)")
    }

    /// Fails the test when a session was ended, here or in AWS.
    func expectUntouched() async throws {
        #expect(try await column("SELECT count(*) FROM records WHERE kind LIKE 'sessions%'") == "0")
        #expect(!(try await iam("list-role-policies --role-name bedrock").contains("bursar-end")))
    }
}
