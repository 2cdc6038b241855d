import BursarFoundation
import TestSupport
import Testing

/// `admin spend setup` against moto, whose Bedrock and Logs are held to botocore's model.
@Suite(.enabled(if: Account.isThere), .serialized)
struct SpendSetupTests {
    private static let regions = "--region eu-west-1 --region us-west-2"

    @Test func `it makes group, role and configuration in each region, on record, and then has nothing to do`()
        async throws
    {
        try await LoggingAccount.with { account in
            try #require(try await account.admin("database init").isSuccess)
            let made = try await account.admin("spend setup \(Self.regions) --yes")
            #expect(made.exitCode == 0 && made.output.isEmpty, "\(made.errors)")
            #expect(made.errors.contains("account 123456789012, regions eu-west-1, us-west-2"), "\(made.errors)")
            for region in ["eu-west-1", "us-west-2"] {
                let configuration = try #require(try await account.configuration(region))
                #expect(configuration.cloudWatchConfig?.logGroupName == LoggingAccount.group)
                #expect(configuration.cloudWatchConfig?.roleArn == LoggingAccount.role)
                #expect(configuration.flags == Array(repeating: false, count: 5))
                let groups = try await account.cli("logs describe-log-groups --region \(region)")
                #expect(groups.contains(#""retentionInDays": 90"#) && groups.contains("STANDARD"), "\(groups)")
            }
            let role = try await account.cli("iam get-role --role-name bursar-invocation-logging")
            for part in [
                "bedrock.amazonaws.com", "aws:SourceAccount", "arn:aws:bedrock:eu-west-1:123456789012:*",
                "arn:aws:bedrock:us-west-2:123456789012:*",
            ] {
                #expect(role.contains(part), "\(part): \(role)")
            }
            let rights = try await account.cli(
                "iam get-role-policy --role-name bursar-invocation-logging --policy-name write-invocation-log"
            )
            let stream = "log-group:/bursar/model-invocations:log-stream:aws/bedrock/modelinvocations"
            #expect(rights.contains("arn:aws:logs:eu-west-1:123456789012:\(stream)"), "\(rights)")
            let changes = try await account.changes()
            let again = try await account.admin("spend setup \(Self.regions)")
            #expect(again.exitCode == 0 && again.errors.contains("nothing to do"), "\(again.errors)")
            #expect(try await account.changes() == changes)
            let record = try await account.admin("audit list --kind aws_changed --format json").output
            for change in [
                "iam:CreateRole \(LoggingAccount.role)", "iam:PutRolePolicy write-invocation-log on role",
                "logs:CreateLogGroup /bursar/model-invocations in eu-west-1", "logs:PutRetentionPolicy 90 days",
                "bedrock:PutModelInvocationLoggingConfiguration into /bursar/model-invocations in us-west-2",
            ] {
                #expect(record.contains(change), "\(change): \(record)")
            }
        }
    }

    @Test func `the operator's policy allows every call of setup and status`() async throws {
        try await LoggingAccount.with { account in
            let policy = try await account.admin("policy operator --account 123456789012 --stack-name other --spend")
            let lines = [
                "spend setup --region eu-west-1 --yes", "spend setup \(Self.regions) --retention 30 --yes",
                "spend status \(Self.regions)",
            ]
            #expect(try await account.denied(by: policy.output, lines).isEmpty)
            let calls = try await account.calls()
            for call in ["iam:UpdateAssumeRolePolicy", "logs:FilterLogEvents", "logs:PutRetentionPolicy"] {
                #expect(calls.contains { $0.hasPrefix(call) }, "\(call)")
            }
        }
    }

    @Test func `it shows what it would change, and changes nothing without a yes`() async throws {
        try await LoggingAccount.with { account in
            let shown = try await account.admin("spend setup \(Self.regions) --retention 365")
            #expect(shown.isRefusal && shown.errors.contains("add --yes to agree"), "\(shown.errors)")
            for change in [
                "iam:CreateRole", "iam:PutRolePolicy", "logs:CreateLogGroup", "365 days",
                "bedrock:PutModelInvocationLoggingConfiguration",
            ] {
                #expect(shown.errors.contains(change), "\(shown.errors)")
            }
            #expect(try await account.changes().isEmpty)
        }
    }

    @Test func `a region that is added later is added to the role, and an interrupted run is finished`() async throws {
        let fault = LoggingAccount.Fault(
            action: "bedrock:PutModelInvocationLoggingConfiguration",
            region: "us-west-2",
            times: 1
        )
        try await LoggingAccount.with([fault]) { account in
            #expect(try await account.admin("spend setup --region eu-west-1 --yes").exitCode == 0)
            let stopped = try await account.admin("spend setup \(Self.regions) --yes")
            #expect(stopped.isRefusal, "\(stopped.errors)")
            let finished = try await account.admin("spend setup \(Self.regions) --retention 30 --yes")
            #expect(finished.exitCode == 0, "\(finished.errors)")
            #expect(try await account.configuration("us-west-2")?.cloudWatchConfig?.roleArn == LoggingAccount.role)
            let role = try await account.cli("iam get-role --role-name bursar-invocation-logging")
            #expect(role.contains("bedrock:eu-west-1:") && role.contains("bedrock:us-west-2:"))
            let changes = try await account.changes()
            #expect(changes.count { $0.hasPrefix("iam:CreateRole") } == 1)
            #expect(changes.count { $0.hasPrefix("iam:UpdateAssumeRolePolicy") } == 1)
            #expect(changes.count { $0.hasPrefix("logs:CreateLogGroup") } == 2)
        }
    }

    @Test func `a run that stopped before the retention is finished, and says that the group has none`() async throws {
        let fault = LoggingAccount.Fault(action: "logs:PutRetentionPolicy", times: 1)
        try await LoggingAccount.with([fault]) { account in
            #expect(try await account.admin("spend setup --region us-west-2 --yes").isRefusal)
            let finished = try await account.admin("spend setup --region us-west-2 --yes")
            #expect(
                finished.exitCode == 0 && finished.errors.contains("for ever; --retention 90"),
                "\(finished.errors)"
            )
            let limited = try await account.admin("spend setup --region us-west-2 --retention 90 --yes")
            #expect(limited.exitCode == 0 && !limited.errors.contains("for ever"), "\(limited.errors)")
            #expect(try await account.changes().count { $0.hasPrefix("logs:PutRetentionPolicy") } == 2)
        }
    }

    @Test func `another's configuration is left alone, and read from when that is asked for`() async throws {
        try await LoggingAccount.with { account in
            try await account.putAnother("us-west-2")
            let before = try await account.changes()
            let refused = try await account.admin("spend setup \(Self.regions) --yes")
            #expect(refused.isRefusal && refused.errors.contains("us-west-2: another logging configuration"))
            #expect(refused.errors.contains("--adopt"), "\(refused.errors)")
            #expect(try await account.changes() == before, "nothing is changed in the other region either")
            let adopted = try await account.admin("spend setup --region us-west-2 --adopt --retention 30 --yes")
            #expect(adopted.exitCode == 0, "\(adopted.errors)")
            #expect(adopted.errors.contains("read from /theirs") && adopted.errors.contains("nothing to do"))
            #expect(try await account.changes() == before)
        }
    }

    @Test(arguments: [
        (
            "textDataDeliveryEnabled=true,imageDataDeliveryEnabled=false,embeddingDataDeliveryEnabled=false,"
                + "videoDataDeliveryEnabled=false,audioDataDeliveryEnabled=false", "textDataDeliveryEnabled isn't off"
        ),
        (
            "textDataDeliveryEnabled=false,imageDataDeliveryEnabled=false,embeddingDataDeliveryEnabled=false",
            "videoDataDeliveryEnabled, audioDataDeliveryEnabled aren't off"
        ),
    ])
    func `another's configuration with prompts and answers is refused by its flags, adopted or not`(
        _ flags: String,
        _ words: String
    ) async throws {
        try await LoggingAccount.with { account in
            try await account.putAnother("us-west-2", flags: flags)
            let before = try await account.changes()
            for option in ["", " --adopt"] {
                let refused = try await account.admin("spend setup --region us-west-2 --yes\(option)")
                #expect(refused.isRefusal && refused.errors.contains(words), "\(refused.errors)")
            }
            #expect(try await account.changes() == before)
        }
    }

    @Test func `a configuration that writes into a bucket alone is refused, with the way to read that`() async throws {
        try await LoggingAccount.with { account in
            try await account.put("s3Config={bucketName=their-bucket},\(LoggingAccount.bodiesOff)", "us-west-2")
            for option in ["", " --adopt"] {
                let refused = try await account.admin("spend setup --region us-west-2 --yes\(option)")
                #expect(refused.isRefusal && refused.errors.contains("bucket their-bucket alone"), "\(refused.errors)")
                #expect(refused.errors.contains("admin spend import"))
            }
            #expect(try await account.configuration("us-west-2")?.s3Config?.bucketName == "their-bucket")
        }
    }

    @Test func `a log group of another class is refused, since a class can't be changed`() async throws {
        try await LoggingAccount.with { account in
            try await account.cli(
                "logs create-log-group --region us-west-2 --log-group-class INFREQUENT_ACCESS --log-group-name "
                    + LoggingAccount.group
            )
            let before = try await account.changes()
            let refused = try await account.admin("spend setup --region us-west-2 --yes")
            #expect(refused.isRefusal && refused.errors.contains("class INFREQUENT_ACCESS"), "\(refused.errors)")
            #expect(refused.errors.contains("can't be changed"))
            #expect(try await account.changes() == before)
        }
    }

    @Test func `a role of that name which another made is left alone`() async throws {
        try await LoggingAccount.with { account in
            try await account.cli(
                "iam create-role --role-name bursar-invocation-logging --assume-role-policy-document",
                #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#
            )
            let before = try await account.changes()
            let refused = try await account.admin("spend setup --region us-west-2 --yes")
            #expect(refused.isRefusal && refused.errors.contains("left alone"), "\(refused.errors)")
            #expect(try await account.changes() == before)
        }
    }

    @Test(arguments: [
        ("bedrock:GetModelInvocationLoggingConfiguration", "AccessDeniedException"),
        ("bedrock:PutModelInvocationLoggingConfiguration", "AccessDeniedException"),
        ("logs:DescribeLogGroups", "AccessDeniedException"), ("logs:CreateLogGroup", "AccessDeniedException"),
        ("logs:PutRetentionPolicy", "AccessDeniedException"), ("iam:GetRole", "AccessDenied"),
        ("iam:CreateRole", "AccessDenied"), ("iam:PutRolePolicy", "AccessDenied"),
    ])
    func `a right that is missing is named, with the command that prints the policy`(
        _ action: String,
        _ code: String
    ) async throws {
        try await LoggingAccount.with([.init(action: action, code: code)]) { account in
            let refused = try await account.admin("spend setup --region us-west-2 --yes")
            #expect(refused.isRefusal && refused.errors.contains("may not \(action)"), "\(refused.errors)")
            #expect(refused.errors.contains("admin policy operator --spend"))
        }
    }

    @Test func `a region that is switched off is named, and nothing is changed in the others`() async throws {
        let fault = LoggingAccount.Fault(
            action: "bedrock:GetModelInvocationLoggingConfiguration",
            region: "me-central-1",
            code: "UnrecognizedClientException"
        )
        try await LoggingAccount.with([fault]) { account in
            let refused = try await account.admin("spend setup --region us-west-2 --region me-central-1 --yes")
            #expect(refused.isRefusal && refused.errors.contains("me-central-1 doesn't take"), "\(refused.errors)")
            #expect(refused.errors.contains("switched off") && refused.errors.contains("enable-region"))
            #expect(try await account.changes().isEmpty)
        }
    }

    @Test func `throttled calls are repeated, and a role that is too new for Bedrock is waited for`() async throws {
        let put = "bedrock:PutModelInvocationLoggingConfiguration"
        let faults = [
            LoggingAccount.Fault(action: put, code: "ThrottlingException", status: 429, times: 2),
            LoggingAccount.Fault(action: put, code: "ValidationException", status: 400, times: 1),
            LoggingAccount.Fault(action: "logs:DescribeLogGroups", code: "ThrottlingException", status: 400, times: 1),
        ]
        try await LoggingAccount.with(faults) { account in
            let made = try await account.admin("spend setup --region us-west-2 --yes")
            #expect(made.exitCode == 0, "\(made.errors)")
            #expect(try await account.configuration("us-west-2") != nil)
        }
    }

    @Test func `without options the regions are the settings' and those that the role allows`() async throws {
        try await LoggingAccount.with { account in
            let policy = try await account.admin(
                "policy permissions --tier region --region eu-west-1 --region eu-north-1 --account 123456789012"
            )
            var settings = try await account.makeResearchersRole(policy.output)
            settings["BURSAR_REGIONS"] = "us-west-2"
            let made = try await account.admin("spend setup --yes", changes: settings)
            #expect(made.exitCode == 0, "\(made.errors)")
            for region in ["us-west-2", "eu-west-1", "eu-north-1"] {
                #expect(try await account.configuration(region) != nil, "\(region)")
            }
            #expect(try await account.configuration("us-east-1") == nil)
            let none = try await account.admin("spend setup --yes", changes: ["AWS_DEFAULT_REGION": ""])
            #expect(none.isRefusal && none.errors.contains("no region is known"), "\(none.errors)")
        }
    }

    @Test(arguments: [
        "--region mars-1", "--region us-east-1 --region us-gov-west-1", "--region us-isoe-east-1",
        "--region us-east-1 --retention 1", "--region us-east-1 --retention 91", "--region us-east-1 --retention -1",
        "--region us-east-1 --account 12", "--region us-east-1 --permissions-boundary limit",
    ])
    func `a value that can't be meant is misuse`(_ options: String) async throws {
        try await LoggingAccount.with { account in
            let refused = try await account.admin("spend setup --yes \(options)")
            #expect(refused.exitCode == 64 && refused.output.isEmpty, "\(refused.errors)")
            #expect(try await account.changes().isEmpty)
        }
    }

    @Test func `another account than the expected one, or the role's, is refused`() async throws {
        try await LoggingAccount.with { account in
            let other = try await account.admin("spend setup --region us-east-1 --account 210987654321 --yes")
            #expect(other.isRefusal && other.errors.contains("not of 210987654321"), "\(other.errors)")
            let role = [
                "BURSAR_ROLE_ARN": "arn:aws:iam::210987654321:role/bedrock", "BURSAR_REGION": "us-east-1",
            ]
            let away = try await account.admin("spend setup --region us-east-1 --yes", changes: role)
            #expect(away.isRefusal && away.errors.contains("in account 210987654321"), "\(away.errors)")
            #expect(try await account.changes().isEmpty)
        }
    }
}
