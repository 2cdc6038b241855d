import BursarFoundation
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// An AWS account with Bedrock's invocation logging, played by moto, and an operator with the built `admin`.
struct LoggingAccount: Sendable {
    /// A call that the account refuses.
    struct Fault: Encodable {
        /// `bedrock:PutModelInvocationLoggingConfiguration`.
        let action: String
        /// nil is any.
        var region: String?
        var code = "AccessDeniedException"
        var status = 403
        /// nil is always.
        var times: Int?
    }

    private struct Terms: Decodable {
        let calls: String
    }

    static let group = "/bursar/model-invocations"
    static let role = "arn:aws:iam::123456789012:role/bursar-invocation-logging"
    /// The flags of a configuration without prompts and answers, as the AWS CLI takes them.
    static let bodiesOff = ["text", "image", "embedding", "video", "audio"].map { "\($0)DataDeliveryEnabled=false" }
        .joined(separator: ",")

    let home: String
    let url: String
    private let callList: String

    static func with(_ faults: [Fault] = [], _ body: (LoggingAccount) async throws -> Void) async throws {
        let home = try TemporaryFolder()
        let script = Checkout.root + "Tests/AdminTests/Peers/moto_logging.py"
        let text = String(decoding: try JSONEncoder().encode(faults), as: UTF8.self)
        try await ChildServer.run(.path(FilePath(Checkout.peer("python"))), [script, text]) { server in
            var lines = server.lines.makeAsyncIterator()
            let line = try #require(await lines.next())
            let terms = try JSONDecoder().decode(Terms.self, from: Data(line.utf8))
            try await body(LoggingAccount(home: home.path.string, url: server.url, callList: terms.calls))
        }
    }

    var environment: [String: String] {
        [
            "PATH": "/usr/bin:/bin", "HOME": home, "LC_ALL": "C.UTF-8", "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": url, "AWS_DEFAULT_REGION": "us-east-1", "AWS_DEFAULT_OUTPUT": "json",
            "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI",
            "BURSAR_DATABASE": home + "/db.sqlite",
        ]
    }

    /// Runs `admin` with the words of `line`.
    func admin(_ line: String, changes: [String: String] = [:]) async throws -> Program.Outcome {
        try await run(Checkout.program("admin"), line.split(separator: " ").map(String.init), changes)
    }

    /// The AWS CLI's output in JSON; `more` are words as they are.
    @discardableResult
    func cli(_ line: String, _ more: String...) async throws -> String {
        let outcome = try await run(Checkout.peer("aws"), line.split(separator: " ").map(String.init) + more)
        try #require(outcome.isSuccess, "\(line): \(outcome.errors)")
        return outcome.output
    }

    /// The logging configuration of a region as the AWS CLI prints it.
    func configuration(_ region: String) async throws -> Configuration? {
        let text = try await cli("bedrock get-model-invocation-logging-configuration --region \(region)")
        struct Answer: Decodable { let loggingConfig: Configuration? }
        let found = try decoded(text, as: Answer.self).loggingConfig
        return found?.cloudWatchConfig == nil && found?.s3Config == nil ? nil : found
    }

    struct Configuration: Decodable, Equatable {
        struct Target: Decodable, Equatable {
            let logGroupName: String
            let roleArn: String
        }
        struct Bucket: Decodable, Equatable {
            let bucketName: String
        }

        let cloudWatchConfig: Target?
        let s3Config: Bucket?
        let textDataDeliveryEnabled: Bool?
        let imageDataDeliveryEnabled: Bool?
        let embeddingDataDeliveryEnabled: Bool?
        let videoDataDeliveryEnabled: Bool?
        let audioDataDeliveryEnabled: Bool?

        var flags: [Bool?] {
            [
                textDataDeliveryEnabled, imageDataDeliveryEnabled, embeddingDataDeliveryEnabled,
                videoDataDeliveryEnabled, audioDataDeliveryEnabled,
            ]
        }
    }

    /// Puts another's configuration into a region, with a log group and a role of its own.
    func putAnother(_ region: String, flags: String = Self.bodiesOff) async throws {
        let role = "arn:aws:iam::123456789012:role/theirs"
        try await cli("iam create-role --role-name theirs --assume-role-policy-document", Self.anyTrust)
        try await cli("logs create-log-group --region \(region) --log-group-name /theirs")
        try await put("cloudWatchConfig={logGroupName=/theirs,roleArn=\(role)},\(flags)", region)
    }

    /// Puts a configuration in the AWS CLI's shorthand.
    func put(_ configuration: String, _ region: String) async throws {
        try await cli(
            "bedrock put-model-invocation-logging-configuration --region \(region) --logging-config",
            configuration
        )
    }

    /// All calls in order, each with its region.
    func calls() async throws -> [String] {
        let outcome = try await run("/usr/bin/curl", ["-sS", callList])
        return outcome.output.split(separator: "\n").map(String.init)
    }

    /// The calls that change something.
    func changes() async throws -> [String] {
        try await calls().filter { call in ["Put", "Create", "Delete", "Update"].contains { call.contains(":\($0)") } }
    }

    /// The calls of `lines`, run one after the other, that `policy` doesn't allow on Bursar's own group and role.
    func denied(by policy: String, _ lines: [String], changes: [String: String] = [:]) async throws -> [String] {
        let before = try await calls().count
        for line in lines {
            let outcome = try await admin(line, changes: changes)
            #expect(outcome.exitCode == 0, "\(line): \(outcome.errors)")
        }
        let made = try await calls().dropFirst(before)
        #expect(!made.isEmpty)
        let evaluator = try PolicyEvaluator(identity: [policy])
        return try made.filter { call in
            let parts = call.split(separator: " ").map(String.init)
            // Everybody may ask who they are.
            guard parts[0] != "sts:GetCallerIdentity" else { return false }
            var resource = "*"
            if parts[0].hasPrefix("iam:") { resource = Self.role }
            if parts[0].hasPrefix("logs:"), parts[0] != "logs:DescribeLogGroups" {
                resource = "arn:aws:logs:\(parts[1]):123456789012:log-group:\(Self.group):*"
            }
            let context = [
                "aws:RequestedRegion": [parts[1]], "iam:PassedToService": ["bedrock.amazonaws.com"],
            ]
            return try evaluator.decision(on: .init(parts[0], on: resource, context)) != .allowed
        }
    }

    /// Makes the researchers' role with an inline policy, and returns the settings that name it.
    func makeResearchersRole(_ policy: String) async throws -> [String: String] {
        try await cli("iam create-role --role-name bedrock --assume-role-policy-document", Self.anyTrust)
        try await cli("iam put-role-policy --role-name bedrock --policy-name use --policy-document", policy)
        return ["BURSAR_ROLE_ARN": "arn:aws:iam::123456789012:role/bedrock", "BURSAR_REGION": "us-east-1"]
    }

    private static let anyTrust =
        #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}"#

    private func run(
        _ path: String,
        _ words: [String],
        _ changes: [String: String] = [:]
    ) async throws -> Program.Outcome {
        let environment = environment.merging(changes) { $1 }.filter { !$0.value.isEmpty }
        return try await Program(path, environment: environment).run(words)
    }
}
