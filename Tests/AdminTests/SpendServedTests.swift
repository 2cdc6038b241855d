import BursarFoundation
import BursarModel
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// Calls that the built server counts by itself, from moto's CloudWatch Logs.
@Suite(.enabled(if: Account.isThere), .serialized)
struct SpendServedTests {
    private static let stream =
        "--log-group-name \(LoggingAccount.group) --log-stream-name aws/bedrock/modelinvocations"
    private static let settings = [
        "BURSAR_ROLE_ARN": "arn:aws:iam::123456789012:role/bedrock", "BURSAR_REGION": "us-east-1",
        "BURSAR_REGIONS": "us-east-1,eu-west-1", "BURSAR_SPEND_INGEST": "yes", "BURSAR_HTTP_PORT": "0",
        "BURSAR_METRICS_PORT": "off",
    ]

    private struct Report: Decodable {
        struct Row: Decodable {
            let region: String?
            let calls: Int
        }

        let rows: [Row]
        let duplicates: Int
    }

    private func withLogs(_ body: (LoggingAccount) async throws -> Void) async throws {
        try await LoggingAccount.with { account in
            try #require(try await account.admin("database init").isSuccess)
            let made = try await account.admin("spend setup --region us-east-1 --region eu-west-1 --yes")
            try #require(made.isSuccess, "\(made.errors)")
            for region in ["us-east-1", "eu-west-1"] {
                try await account.cli("logs create-log-stream --region \(region) \(Self.stream)")
                try await put(region, account)
            }
            try await body(account)
        }
    }

    /// Puts one call into a region's log.
    private func put(_ region: String, _ account: LoggingAccount) async throws {
        let now = Date()
        let record =
            #"{"schemaType":"ModelInvocationLog","schemaVersion":"1.0","timestamp":"\#(Timestamp.string(now - 600))","#
            + #""accountId":"123456789012","region":"\#(region)","requestId":"request-1","operation":"Converse","#
            + #""modelId":"amazon.nova-micro-v1:0","identity":{"arn":"arn:aws:sts::123456789012:assumed-role/bedrock/ada"},"#
            + #""input":{"inputTokenCount":10},"output":{"outputTokenCount":5}}"#
        struct Event: Encodable {
            let timestamp: Int
            let message: String
        }
        let events = [Event(timestamp: Int((now.timeIntervalSince1970 - 300) * 1000), message: record)]
        let text = String(decoding: try JSONEncoder().encode(events), as: UTF8.self)
        try await account.cli("logs put-log-events --region \(region) \(Self.stream) --log-events", text)
    }

    private func serve(_ account: LoggingAccount, _ body: (ChildServer) async throws -> Void) async throws {
        let environment = account.environment.merging(Self.settings) { $1 }
        let values = environment.map { (Environment.Key(stringLiteral: $0.key), String?.some($0.value)) }
        try await ChildServer.run(
            .path("/bin/sh"),
            ["-c", "exec \"$0\" serve 2>&1", Checkout.program("vending-server")],
            environment: Dictionary(uniqueKeysWithValues: values),
            announcement: "http://127.0.0.1:",
            body: body
        )
    }

    private func report(_ account: LoggingAccount) async throws -> Report {
        let outcome = try await account.admin("spend report --by region --format json")
        try #require(outcome.isSuccess, "\(outcome.errors)")
        return try decoded(outcome.output)
    }

    @Test func `the server counts the calls of all its regions, and two servers count each once`() async throws {
        try await withLogs { account in
            try await serve(account) { _ in
                try await serve(account) { _ in
                    try await Waiting.until("both regions' calls") { try await report(account).rows.count == 2 }
                }
            }
            let counted = try await report(account)
            #expect(Set(counted.rows.compactMap(\.region)) == ["us-east-1", "eu-west-1"])
            #expect(counted.rows.allSatisfy { $0.calls == 1 })
        }
    }

    @Test func `a log with prompts is left alone and named, and the other region's calls are counted`() async throws {
        try await withLogs { account in
            let target = "cloudWatchConfig={logGroupName=\(LoggingAccount.group),roleArn=\(LoggingAccount.role)}"
            try await account.put("\(target),textDataDeliveryEnabled=true", "us-east-1")
            try await serve(account) { server in
                for await line in server.lines where line.contains("textDataDeliveryEnabled") {
                    #expect(line.contains("us-east-1"))
                    break
                }
                try await Waiting.until("the other region's call") { try await !report(account).rows.isEmpty }
            }
            #expect(try await report(account).rows.map(\.region) == ["eu-west-1"])
        }
    }

    @Test func `simulated credentials make no calls that could be counted`() async throws {
        let home = try TemporaryFolder()
        let environment = [
            "PATH": "/usr/bin:/bin", "HOME": home.path.string, "BURSAR_ISSUER": "simulated",
            "BURSAR_SPEND_INGEST": "yes",
        ]
        let outcome = try await Program(Checkout.program("vending-server"), environment: environment).run(["serve"])
        #expect(outcome.exitCode == 1)
        #expect(outcome.errors.contains("BURSAR_SPEND_INGEST is yes"), "\(outcome.errors)")
    }
}
