import BursarFoundation
import BursarModel
import TestSupport
import Testing

/// `admin spend pull` against moto's CloudWatch Logs: each call counts once, from wherever it is brought in.
@Suite(.enabled(if: Account.isThere), .serialized)
struct SpendPullTests {
    private struct Tally: Decodable, Equatable {
        var records = 0
        var calls = 0
        var duplicates = 0
        var ignored = 0
        var quarantined = 0
        var tooOld = 0
    }

    private struct Report: Decodable {
        struct Row: Decodable {
            let researcher: String?
            let calls: Int
        }

        let rows: [Row]
    }

    private static let permissionCheck = "Permissions are correctly set for Amazon Bedrock logs."
    private static let settings = [
        "BURSAR_ROLE_ARN": "arn:aws:iam::123456789012:role/bedrock", "BURSAR_REGION": "us-east-1",
    ]

    private static func record(_ id: Int, _ region: String = "us-east-1", session: String = "bedrock/ada") -> String {
        let time = Timestamp.string(Date() - 600)
        return
            #"{"schemaType":"ModelInvocationLog","schemaVersion":"1.0","timestamp":"\#(time)","accountId":"123456789012","#
            + #""region":"\#(region)","requestId":"request-\#(id)","operation":"Converse","#
            + #""modelId":"amazon.nova-micro-v1:0","identity":{"arn":"arn:aws:sts::123456789012:assumed-role/\#(session)"},"#
            + #""input":{"inputTokenCount":10},"output":{"outputTokenCount":5}}"#
    }

    /// Runs `body` with a database with ada in it, and logging in two regions.
    private func withLogs(
        _ faults: [LoggingAccount.Fault] = [],
        _ body: (LoggingAccount) async throws -> Void
    ) async throws {
        try await LoggingAccount.with(faults) { account in
            try #require(try await account.admin("database init").isSuccess)
            let ada = "researchers add ada --name Ada --email ada@example.edu --project engines"
            try #require(try await account.admin(ada).isSuccess)
            let made = try await account.admin("spend setup --region us-east-1 --region eu-west-1 --yes")
            try #require(made.isSuccess, "\(made.errors)")
            for region in ["us-east-1", "eu-west-1"] {
                try await account.cli("logs create-log-stream --region \(region) \(Self.stream)")
            }
            try await body(account)
        }
    }

    private static let stream =
        "--log-group-name \(LoggingAccount.group) --log-stream-name aws/bedrock/modelinvocations"

    private func put(_ messages: [String], _ region: String, _ account: LoggingAccount) async throws {
        struct Event: Encodable {
            let timestamp: Int
            let message: String
        }
        let time = Int((Date().timeIntervalSince1970 - 300) * 1000)
        let events = messages.enumerated().map { Event(timestamp: time + $0, message: $1) }
        let text = String(decoding: try JSONEncoder().encode(events), as: UTF8.self)
        try await account.cli("logs put-log-events --region \(region) \(Self.stream) --log-events", text)
    }

    private func tally(_ outcome: Program.Outcome) throws -> Tally { try decoded(outcome.output) }

    @Test func `each call of each region counts once, however often it is pulled`() async throws {
        try await withLogs { account in
            try await put([Self.permissionCheck, Self.record(1), Self.record(2)], "us-east-1", account)
            try await put([Self.record(3, "eu-west-1"), "cut {"], "eu-west-1", account)
            let line = "spend pull --region us-east-1 --region eu-west-1 --format json"
            let first = try await account.admin(line, changes: Self.settings)
            #expect(first.exitCode == 0, "\(first.errors)")
            #expect(try tally(first) == Tally(records: 5, calls: 3, ignored: 1, quarantined: 1), "\(first.output)")
            #expect(first.errors.contains("in quarantine"))
            try await put([Self.record(4)], "us-east-1", account)
            let second = try await account.admin(line, changes: Self.settings)
            #expect(try tally(second) == Tally(records: 6, calls: 1, duplicates: 3, ignored: 1), "\(second.output)")
            let report = try await account.admin("spend report --by researcher --format json")
            let rows = try decoded(report.output, as: Report.self).rows
            #expect(rows.map(\.researcher) == ["ada"] && rows.map(\.calls) == [4], "\(report.output)")
            let record = try await account.admin("audit list --format json").output
            #expect(record.contains("of the logs of us-east-1, eu-west-1"), "\(record)")
        }
    }

    @Test func `a log that was pulled and is imported counts once`() async throws {
        try await withLogs { account in
            try await put([Self.record(1), Self.record(2)], "us-east-1", account)
            let pulled = try await account.admin("spend pull --region us-east-1 --format json", changes: Self.settings)
            #expect(try tally(pulled).calls == 2, "\(pulled.errors)")
            let events = try await account.cli("logs filter-log-events --log-group-name \(LoggingAccount.group)")
            let file = account.home + "/events.json"
            try Data(events.utf8).write(to: URL(filePath: file))
            let imported = try await account.admin("spend import \(file) --format json", changes: Self.settings)
            #expect(try tally(imported) == Tally(records: 2, duplicates: 2), "\(imported.errors)")
        }
    }

    @Test func `a log with prompts is not read, and the other regions' are`() async throws {
        try await withLogs { account in
            try await put([Self.record(1)], "us-east-1", account)
            try await put([Self.record(2, "eu-west-1")], "eu-west-1", account)
            let target = "cloudWatchConfig={logGroupName=\(LoggingAccount.group),roleArn=\(LoggingAccount.role)}"
            try await account.put("\(target),textDataDeliveryEnabled=true", "us-east-1")
            let line = "spend pull --region us-east-1,us-west-2,eu-west-1 --format json"
            let pulled = try await account.admin(line, changes: Self.settings)
            #expect(pulled.exitCode == 1 && pulled.errors.contains("textDataDeliveryEnabled"), "\(pulled.errors)")
            #expect(pulled.errors.contains("us-west-2: calls aren't logged"), "\(pulled.errors)")
            #expect(try tally(pulled) == Tally(records: 1, calls: 1), "\(pulled.output)")
        }
    }

    @Test func `a pull that failed is repeated without counting twice`() async throws {
        let fault = LoggingAccount.Fault(action: "logs:FilterLogEvents", region: "eu-west-1", times: 1)
        try await withLogs([fault]) { account in
            try await put([Self.record(1)], "us-east-1", account)
            try await put([Self.record(2, "eu-west-1")], "eu-west-1", account)
            let line = "spend pull --region us-east-1,eu-west-1 --format json"
            let failed = try await account.admin(line, changes: Self.settings)
            #expect(failed.exitCode == 1 && failed.errors.contains("may not logs:FilterLogEvents in eu-west-1"))
            #expect(try tally(failed).calls == 1, "\(failed.output)")
            let again = try await account.admin(line, changes: Self.settings)
            #expect(again.exitCode == 0, "\(again.errors)")
            #expect(try tally(again) == Tally(records: 2, calls: 1, duplicates: 1), "\(again.output)")
        }
    }

    @Test func `it reads from where --since says, and other streams never`() async throws {
        try await withLogs { account in
            try await put([Self.record(1)], "us-east-1", account)
            let other = "--log-group-name \(LoggingAccount.group) --log-stream-name app"
            try await account.cli("logs create-log-stream \(other)")
            let time = Int((Date().timeIntervalSince1970 - 30) * 1000)
            try await account.cli("logs put-log-events \(other) --log-events", "timestamp=\(time),message=app")
            let late = try await account.admin(
                "spend pull --since 1m --region us-east-1 --format json",
                changes: Self.settings
            )
            #expect(try tally(late) == Tally(), "\(late.output) \(late.errors)")
            let all = try await account.admin("spend pull --region us-east-1 --format json", changes: Self.settings)
            #expect(try tally(all) == Tally(records: 1, calls: 1), "\(all.output)")
        }
    }

    @Test func `status has the newest record that was counted where none is in the log lately`() async throws {
        struct Status: Decodable {
            struct Region: Decodable {
                let newestRecord: String?
            }
            let regions: [Region]
        }
        try await withLogs { account in
            let time = "2026-11-20T10:00:00Z"
            let old = Self.record(1).replacing(/"timestamp":"[^"]*"/, with: "\"timestamp\":\"\(time)\"")
            let file = account.home + "/old.jsonl"
            try Data((old + "\n").utf8).write(to: URL(filePath: file))
            let imported = try await account.admin("spend import \(file)", changes: Self.settings)
            #expect(imported.exitCode == 0, "\(imported.errors)")
            let status = try await account.admin("spend status --region us-east-1,eu-west-1 --format json")
            #expect(try (decoded(status.output) as Status).regions.map(\.newestRecord) == [time, nil])
        }
    }

    @Test func `the server's policy allows every call of a pull`() async throws {
        try await withLogs { account in
            try await put([Self.record(1)], "us-east-1", account)
            let policy = try await account.admin(
                "policy permissions --for server --spend --region us-east-1",
                changes: Self.settings
            )
            let denied = try await account.denied(
                by: policy.output,
                ["spend pull --region us-east-1"],
                changes: Self.settings
            )
            #expect(denied.isEmpty, "\(denied)")
        }
    }

    @Test(arguments: ["--since soon", "--since 2999-01-01", "--region mars-1", "--role x"])
    func `a value that can't be meant is misuse`(_ options: String) async throws {
        let home = try OperatorHome()
        try await home.addAda()
        let outcome = try await home.admin("spend pull \(options)", settings: Self.settings)
        #expect(outcome.exitCode == 64 && outcome.output.isEmpty, "\(outcome.errors)")
    }

    @Test func `without a role that sessions are of nothing is pulled`() async throws {
        try await withLogs { account in
            let refused = try await account.admin("spend pull --region us-east-1")
            #expect(refused.isRefusal && refused.errors.contains("--role"), "\(refused.errors)")
        }
    }
}
