import BursarFoundation
import TestSupport
import Testing

/// `admin spend status` and the doctor's findings about logging, against moto.
@Suite(.enabled(if: Account.isThere), .serialized)
struct SpendStatusTests {
    private struct Status: Decodable {
        struct Region: Decodable {
            let region: String
            let logged: String
            let owner: String?
            let bodies: [String]?
            let logGroup: String?
            let logGroupClass: String?
            let retentionDays: Int?
            let newestRecord: String?
            let dataAge: Int?
        }

        let account: String
        let regions: [Region]
        let allowedRegions: [String]?
        let allowsAnyRegion: Bool
        let unlogged: [String]
    }

    private static let anywhere =
        #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"bedrock:*","Resource":"*"}]}"#

    private static func only(_ regions: String...) -> String {
        let names = regions.map { "\"\($0)\"" }.joined(separator: ",")
        return #"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"bedrock:InvokeModel","#
            + #""Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":[\#(names)]}}}}"#
    }

    @Test func `it tells whose configuration it is, the group, and the age of the newest record`() async throws {
        try await LoggingAccount.with { account in
            #expect(try await account.admin("spend setup --region us-east-1 --yes").exitCode == 0)
            let stream = "--log-group-name \(LoggingAccount.group) --log-stream-name aws/bedrock/modelinvocations"
            try await account.cli("logs create-log-stream \(stream)")
            let time = Int((Date().timeIntervalSince1970 - 120) * 1000)
            try await account.cli("logs put-log-events \(stream) --log-events", "timestamp=\(time),message=record")
            let status = try await account.admin("spend status --region us-east-1 --format json")
            #expect(status.exitCode == 0, "\(status.errors)")
            let region = try #require(decoded(status.output, as: Status.self).regions.first)
            #expect(region.logged == "on" && region.owner == "bursar" && region.bodies == [])
            #expect(region.logGroup == LoggingAccount.group && region.logGroupClass == "STANDARD")
            #expect(region.retentionDays == 90)
            #expect((120..<600).contains(try #require(region.dataAge)))
            let table = try await account.admin("spend status --region us-east-1")
            #expect(table.output.contains("bursar") && table.output.contains("2m "), "\(table.output)")
        }
    }

    @Test func `a region that the role allows and that isn't logged ends it with 1`() async throws {
        try await LoggingAccount.with { account in
            let settings = try await account.makeResearchersRole(Self.only("us-east-1", "eu-west-1"))
            #expect(try await account.admin("spend setup --region us-east-1 --yes").exitCode == 0)
            let status = try await account.admin("spend status --format json", changes: settings)
            #expect(status.exitCode == 1, "\(status.errors)")
            let found = try decoded(status.output, as: Status.self)
            #expect(found.unlogged == ["eu-west-1"] && found.allowedRegions == ["eu-west-1", "us-east-1"])
            #expect(status.errors.contains("eu-west-1: calls aren't logged"), "\(status.errors)")
            #expect(status.errors.contains("admin spend setup --region eu-west-1"))
            #expect(try await account.admin("spend setup --yes", changes: settings).exitCode == 0)
            #expect(try await account.admin("spend status", changes: settings).exitCode == 0)
        }
    }

    @Test func `a role that allows any region ends it with 1, whatever is logged`() async throws {
        try await LoggingAccount.with { account in
            let settings = try await account.makeResearchersRole(Self.anywhere)
            let made = try await account.admin("spend setup --yes", changes: settings)
            #expect(made.exitCode == 0 && made.errors.contains("in any region"), "\(made.errors)")
            let status = try await account.admin("spend status --format json", changes: settings)
            #expect(status.exitCode == 1 && status.errors.contains("in any region"), "\(status.errors)")
            #expect(try decoded(status.output, as: Status.self).allowsAnyRegion)
        }
    }

    @Test func `prompts and answers that were switched on later are an alarm, and setup takes them off again`()
        async throws
    {
        try await LoggingAccount.with { account in
            #expect(try await account.admin("spend setup --region us-east-1 --yes").exitCode == 0)
            let target = "cloudWatchConfig={logGroupName=\(LoggingAccount.group),roleArn=\(LoggingAccount.role)}"
            try await account.put("\(target),textDataDeliveryEnabled=true", "us-east-1")
            let status = try await account.admin("spend status --region us-east-1 --format json")
            #expect(status.exitCode == 1 && status.errors.contains("textDataDeliveryEnabled"), "\(status.errors)")
            let region = try #require(decoded(status.output, as: Status.self).regions.first)
            #expect(region.logged == "unreadable" && region.bodies?.contains("text") == true)
            let mended = try await account.admin("spend setup --region us-east-1 --yes")
            #expect(mended.exitCode == 0, "\(mended.errors)")
            #expect(try await account.admin("spend status --region us-east-1").exitCode == 0)
        }
    }

    @Test func `a region that can't be asked has a row that says so`() async throws {
        let fault = LoggingAccount.Fault(
            action: "bedrock:GetModelInvocationLoggingConfiguration",
            region: "me-central-1",
            code: "UnrecognizedClientException"
        )
        try await LoggingAccount.with([fault]) { account in
            #expect(try await account.admin("spend setup --region us-east-1 --yes").exitCode == 0)
            let status = try await account.admin("spend status --region us-east-1,me-central-1 --format json")
            #expect(status.exitCode == 1 && status.errors.contains("switched off"), "\(status.errors)")
            #expect(try decoded(status.output, as: Status.self).regions.map(\.logged) == ["on", "unknown"])
        }
    }

    @Test func `without the right to read records the rest is shown`() async throws {
        try await LoggingAccount.with([.init(action: "logs:FilterLogEvents")]) { account in
            #expect(try await account.admin("spend setup --region us-east-1 --yes").exitCode == 0)
            let status = try await account.admin("spend status --region us-east-1 --format json")
            #expect(status.exitCode == 0 && status.errors.contains("may not logs:FilterLogEvents"), "\(status.errors)")
            #expect(try decoded(status.output, as: Status.self).regions.first?.newestRecord == nil)
        }
    }

    // MARK: The doctor

    private struct Report: Decodable {
        struct Finding: Decodable {
            let check: String
            let status: String
            let detail: String
        }

        let findings: [Finding]
    }

    private func findings(_ account: LoggingAccount, _ changes: [String: String]) async throws -> [Report.Finding] {
        let outcome = try await account.admin("doctor --format json", changes: changes)
        return try decoded(outcome.output, as: Report.self).findings.filter { $0.check == "logging" }
    }

    @Test func `the doctor warns where calls aren't logged, and takes switched-on prompts for a problem`() async throws
    {
        try await LoggingAccount.with { account in
            try #require(try await account.admin("database init").isSuccess)
            let settings = try await account.makeResearchersRole(Self.only("us-east-1", "eu-west-1"))
            #expect(try await findings(account, settings).map(\.status) == ["warning", "warning"])
            #expect(try await account.admin("spend setup --region us-east-1 --yes").exitCode == 0)
            #expect(try await findings(account, settings).map(\.status) == ["ok", "warning"])
            let target = "cloudWatchConfig={logGroupName=\(LoggingAccount.group),roleArn=\(LoggingAccount.role)}"
            try await account.put(target, "us-east-1")
            let found = try await findings(account, settings)
            #expect(found.map(\.status) == ["problem", "warning"] && found[0].detail.contains("prompts"), "\(found)")
            let away = settings.merging(["AWS_ENDPOINT_URL": "http://127.0.0.1:1"]) { $1 }
            #expect(try await findings(account, away).map(\.status) == ["warning"])
            let nobody = settings.merging(["AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""]) { $1 }
            #expect(try await findings(account, nobody).map(\.status) == ["warning"])
            #expect(try await findings(account, settings.merging(["BURSAR_ISSUER": "simulated"]) { $1 }).isEmpty)
        }
    }
}
