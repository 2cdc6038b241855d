import BursarFoundation
import BursarModel
import TestSupport
import Testing

/// Logs as an operator brings them in, and what is refused.
@Suite struct SpendImportTests {
    private static let role = "arn:aws:iam::123456789012:role/teams/bursar-bedrock"
    private let home: OperatorHome

    init() async throws {
        home = try OperatorHome()
        try await home.addAda()
    }

    private struct Tally: Decodable, Equatable {
        let records: Int
        let calls: Int
        let duplicates: Int
        let ignored: Int
        let quarantined: Int
        let tooOld: Int
    }

    private static func record(_ number: Int, session: String = "ada", day: String = "2026-11-02") -> String {
        """
        {"timestamp":"\(day)T10:00:0\(number % 10)Z","accountId":"123456789012","region":"us-east-1",\
        "requestId":"request-\(number)","operation":"Converse","modelId":"anthropic.claude-sonnet-4-6",\
        "input":{"inputTokenCount":1000},"output":{"outputTokenCount":200},"identity":{"arn":\
        "arn:aws:sts::123456789012:assumed-role/bursar-bedrock/\(session)"},"schemaType":"ModelInvocationLog",\
        "schemaVersion":"1.0"}
        """
    }

    private static func log(_ numbers: ClosedRange<Int>) -> String {
        numbers.map { record($0) + "\n" }.joined()
    }

    private func imported(_ paths: String..., input: String = "") async throws -> Tally {
        let outcome = try await home.admin(
            ["spend", "import"] + paths + ["--role", Self.role, "--format", "json"],
            input: input
        )
        try #require(outcome.isSuccess, "\(outcome.errors)")
        return try decoded(outcome.output)
    }

    /// Compresses a file of the home; of what comes out only the first `part` bytes are kept.
    private func compress(_ name: String, part: Int? = nil) async throws -> String {
        let script = """
            import gzip, sys
            data = gzip.compress(open(sys.argv[1], "rb").read())
            open(sys.argv[1] + ".gz", "wb").write(data[:int(sys.argv[2])] if len(sys.argv) > 2 else data)
            """
        let path = home.folder + "/" + name
        _ = try await home.python(script, [path] + (part.map { [String($0)] } ?? []))
        return path + ".gz"
    }

    // MARK: Forms

    @Test func `lines count once, from a file, compressed, and from standard input`() async throws {
        let path = try home.write(Self.log(1...5), to: "calls.jsonl")
        let first = Tally(records: 5, calls: 5, duplicates: 0, ignored: 0, quarantined: 0, tooOld: 0)
        #expect(try await imported(path) == first)
        let again = Tally(records: 5, calls: 0, duplicates: 5, ignored: 0, quarantined: 0, tooOld: 0)
        #expect(try await imported(try await compress("calls.jsonl")) == again)
        #expect(try await imported("-", input: Self.log(5...6)).calls == 1)
        let report = try await home.output("spend report --month 2026-11 --format csv")
        #expect(report.contains("ada,6,6000,1200,0,0,0.0396,0.0396"), "\(report)")
    }

    @Test func `a folder is read as aws s3 sync leaves it, without bodies and AWS's own tests`() async throws {
        let bucket = "bucket/AWSLogs/123456789012/BedrockModelInvocationLogs"
        for (name, text) in [
            ("\(bucket)/us-east-1/2026/11/02/10/a.json", Self.log(1...3)),
            ("\(bucket)/us-west-2/2026/11/02/10/b.json", Self.log(4...5)),
            ("\(bucket)/us-east-1/2026/11/02/10/data/1_input.json", Self.record(6)),
            ("\(bucket)/amazon-bedrock-logs-permission-check", ""), ("\(bucket)/empty.json", ""),
            ("bucket/README", "not a log"), ("bucket/aws-logs-write-test", "Permission Check Successful"),
        ] {
            let path = home.folder + "/" + name
            let folder = URL(filePath: path).deletingLastPathComponent()
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: URL(filePath: path))
        }
        _ = try await compress("\(bucket)/us-west-2/2026/11/02/10/b.json")
        let outcome = try await home.admin("spend import \(home.folder)/bucket --role \(Self.role)")
        #expect(outcome.isSuccess, "\(outcome.errors)")
        #expect(outcome.output.contains("calls        5\n") && outcome.output.contains("duplicates   2\n"))
        #expect(outcome.errors.contains("1 file of calls' bodies in data/ were not read"), "\(outcome.errors)")
        #expect(outcome.errors.contains("3 other files were passed over"), "\(outcome.errors)")
        let body = "\(home.folder)/\(bucket)/us-east-1/2026/11/02/10/data/1_input.json"
        #expect(try await imported(body).records == 0)
    }

    @Test(arguments: ["document", "list", "lines", "export"])
    func `events of CloudWatch Logs are read in every form`(_ form: String) async throws {
        let script = """
            import json, sys
            records = [line for line in open(sys.argv[1]).read().split("\\n") if line]
            events = [{"logStreamName": "aws/bedrock/modelinvocations", "timestamp": 1793613601000 + n, "message": line,
                       "ingestionTime": 1793613700000, "eventId": str(n)} for n, line in enumerate(records)]
            print({"document": lambda: json.dumps({"events": events, "searchedLogStreams": []}, indent=4),
                   "list": lambda: json.dumps(events, indent=4),
                   "lines": lambda: "\\n".join(map(json.dumps, events)),
                   "export": lambda: "\\n".join("2026-11-02T10:00:01.000Z " + line for line in records)}[sys.argv[2]](),
                  end="")
            """
        let records = Self.log(1...3) + "Permissions are correctly set for Amazon Bedrock logs.\n"
        let text = try await home.python(script, [try home.write(records, to: "calls"), form])
        let tally = try await imported("-", input: text)
        #expect(tally == Tally(records: 4, calls: 3, duplicates: 0, ignored: 1, quarantined: 0, tooOld: 0))
    }

    @Test func `lines that can't be counted are in quarantine, with their place and never their text`() async throws {
        let cut = String(Self.record(2).prefix(90))
        let path = try home.write(Self.record(1) + "\n\n" + cut + "\nsecret words\n", to: "calls.jsonl")
        let outcome = try await home.admin("spend import \(path) --role \(Self.role) --format json")
        let tally: Tally = try decoded(outcome.output)
        #expect(tally == Tally(records: 3, calls: 1, duplicates: 0, ignored: 0, quarantined: 2, tooOld: 0))
        #expect(outcome.errors.contains("2 lines can't be counted, and are in quarantine"), "\(outcome.errors)")
        #expect(try await imported(path).quarantined == 0)
        let listed = try await home.output("spend quarantine --format csv")
        #expect(listed.contains("calls.jsonl, line 3") && listed.contains("calls.jsonl, line 4"), "\(listed)")
        #expect(!listed.contains("secret"))
        let report = try await home.admin("spend report --month 2026-11")
        #expect(report.errors.contains("2 lines can't be counted: admin spend quarantine"), "\(report.errors)")
    }

    @Test func `what is before the months that are kept is left out, and says so`() async throws {
        let path = try home.write(Self.record(1) + "\n" + Self.record(2, day: "2001-01-01"), to: "calls.jsonl")
        let outcome = try await home.admin("spend import \(path) --role \(Self.role)")
        #expect(outcome.output.contains("too old      1"), "\(outcome.output)")
        #expect(outcome.errors.contains("1 record from before the time that calls are kept for"), "\(outcome.errors)")
        #expect(outcome.errors.contains("BURSAR_SPEND_KEEP"))
    }

    @Test func `an import is on record, and one of known calls isn't`() async throws {
        let path = try home.write(Self.log(1...4), to: "calls.jsonl")
        for _ in 1...2 { _ = try await imported(path) }
        let records = try await home.output("audit list --kind spend_imported --format csv")
        #expect(
            records.split(separator: "\r\n").count == 2
                && records.contains("4 calls and 0 quarantined lines of 1 files")
        )
    }

    // MARK: Refusals

    @Test func `without a role nothing is read, and settings name one`() async throws {
        let path = try home.write(Self.log(1...2), to: "calls.jsonl")
        let errors = try await home.refusal("spend import \(path)")
        #expect(errors.hasPrefix("admin: error: no role is known whose sessions are researchers'\n"), "\(errors)")
        #expect(errors.contains("admin: hint: --role arn:aws:iam::123456789012:role/NAME"))
        let misuse = try await home.refusal("spend import \(path) --role bursar-bedrock", code: 64)
        #expect(misuse.contains("--role \"bursar-bedrock\" is not the ARN of a role"), "\(misuse)")
        let settings = ["BURSAR_ROLE_ARN": Self.role, "BURSAR_REGION": "us-east-1"]
        #expect(try await home.output("spend import \(path)", settings: settings).contains("calls        2"))
    }

    @Test(arguments: [
        "Dec  1 10:00:00 host sshd[1]: Accepted publickey\n", "{\"Records\":[{\"eventName\":\"AssumeRole\"}]}\n",
        "{\n  \"formatVersion\": \"v1.0\"\n}\n", "handle,name\nada,Ada\n", "[]x", "{\"events\": 5}", "\u{1}\u{2}",
    ])
    func `a file that is no log is refused in one line, and nothing of it counts`(_ text: String) async throws {
        let path = try home.write(text, to: "other.json")
        let errors = try await home.refusal("spend import \(path) --role \(Self.role)")
        let line = "admin: error: \(path) is no invocation log; nothing of it was counted\n"
        #expect(errors.hasPrefix(line), "\(errors)")
        #expect(errors.split(separator: "\n").count == 2)
    }

    @Test func `a file that is cut off is named, and the lines before stay counted`() async throws {
        _ = try home.write(Self.log(1...2000), to: "calls.jsonl")
        let path = try await compress("calls.jsonl", part: 5000)
        let other = try home.write(Self.log(3000...3001), to: "other.jsonl")
        let outcome = try await home.admin(
            ["spend", "import", path, other, home.folder + "/missing", "--role", Self.role, "--format", "json"]
        )
        #expect(outcome.exitCode == 1)
        let tally: Tally = try decoded(outcome.output)
        #expect(tally.calls > 2 && tally.calls < 2002 && tally.quarantined == 0, "\(tally)")
        let lines = outcome.errors.split(separator: "\n").map(String.init)
        let before = "\(path) is damaged, or it is cut off; "
        #expect(
            lines[0].hasPrefix("admin: error: \(before)") && lines[0].hasSuffix("lines before stay counted"),
            "\(lines)"
        )
        #expect(lines[1] == "admin: hint: fetch it again and import it: nothing counts twice")
        #expect(lines[2] == "admin: error: \(home.folder)/missing can't be read: no such file or directory", "\(lines)")
        let whole = try await imported(try await compress("calls.jsonl"))
        #expect(whole.calls + tally.calls == 2002)
    }

    @Test func `a folder without logs is refused`() async throws {
        let folder = home.folder + "/none"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let errors = try await home.refusal("spend import \(folder) --role \(Self.role)")
        #expect(errors.hasPrefix("admin: error: there is no log in \(folder)\n"), "\(errors)")
    }

    @Test func `a setting that is no number of months is refused`() async throws {
        let path = try home.write(Self.log(1...2), to: "calls.jsonl")
        for text in ["0", "121", "25 days", "-1", "x"] {
            let outcome = try await home.admin(
                "spend import \(path) --role \(Self.role)",
                settings: ["BURSAR_SPEND_KEEP": text]
            )
            #expect(outcome.exitCode == 1 && outcome.output.isEmpty)
            #expect(outcome.errors.contains("BURSAR_SPEND_KEEP is \"\(text)\", which is not a number of months"))
        }
    }
}
