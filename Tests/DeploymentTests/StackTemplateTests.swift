import AWSAuth
import AWSClients
import BursarConsole
import BursarFoundation
import TestSupport
import Testing

@testable import Deployment

/// The template of a stack, and what it refuses to be made from.
@Suite struct StackTemplateTests {
    private static let options = StackOptions()

    private func body(_ options: StackOptions = options, region: String = "eu-central-1") throws -> String {
        try Self.body(options, region: region)
    }

    static func body(_ options: StackOptions, region: String) throws -> String {
        try StackTemplate(try options.configuration(region: region)).body
    }

    private func problem(_ options: StackOptions, region: String = "eu-central-1") throws -> UserFacingError? {
        do {
            _ = try Self.body(options, region: region)
            return nil
        } catch let problem as UserFacingError {
            return problem
        }
    }

    @Test func `the same options make the same bytes, whatever order tags come in`() throws {
        let options = Self.options.with(\.models, ["anthropic.*"]).with(\.externalID, "bursar-1")
            .with(\.availabilityZone, "eu-central-1a")
        let one = try body(options.with(\.tag, ["b=2", "a=1"]))
        for _ in 0..<20 {
            #expect(try body(options.with(\.tag, ["a=1", "b=2"])) == one)
        }
    }

    @Test func `no role has a name of its own, so no stack needs CAPABILITY_NAMED_IAM`() throws {
        let body = try body(Self.options.with(\.availabilityZone, "eu-central-1a"))
        for name in ["RoleName", "ManagedPolicyName", "InstanceProfileName", "LogGroupName"] {
            #expect(!body.contains("\"\(name)\""))
        }
    }

    @Test func `no document names a partition, an account or a region that isn't asked for`() throws {
        for region in ["us-east-1", "us-gov-west-1", "cn-north-1", "eusc-de-east-1"] {
            let body = try body(
                Self.options.with(\.models, ["anthropic.*"]).with(\.availabilityZone, "\(region)a"),
                region: region
            )
            #expect(!body.contains("arn:aws") && !body.contains("amazonaws.eu"))
            #expect(body.contains("arn:${AWS::Partition}:bedrock:*::foundation-model/anthropic.*"))
            #expect(body.contains("arn:${AWS::Partition}:bedrock:*:${AWS::AccountId}:inference-profile/*"))
            #expect(body.contains(region == "cn-north-1" ? "\"ec2.amazonaws.com.cn\"" : "\"ec2.amazonaws.com\""))
        }
    }

    @Test func `a volume outlives its stack, and its replacement`() throws {
        #expect(!(try body().contains("AWS::EC2::Volume")))
        let body = try body(Self.options.with(\.availabilityZone, "eu-central-1a").with(\.volumeSize, 40))
        #expect(body.contains("\"DeletionPolicy\" : \"Retain\""))
        #expect(body.contains("\"Encrypted\" : true") && body.contains("\"Size\" : 40"))
    }

    /// The stack's policy of researchers, with names in the place of what the stack knows.
    private func access(_ options: StackOptions = options) throws -> AccessPolicy {
        StackParts(try options.configuration(region: "eu-central-1")).access(account: "123456789012")
    }

    @Test func `the stack's region is where AWS may be called, unless others are named`() throws {
        #expect(try access().regions == .init(["eu-central-1"]))
        #expect(
            try access(Self.options.with(\.access.allowGlobal, true)).regions
                == .init(["eu-central-1"], allowsGlobalProfiles: true)
        )
        #expect(try access(Self.options.with(\.regions, ["*"])).regions == nil)
        let two = try body(Self.options.with(\.regions, ["eu-central-1,eu-west-1"]))
        #expect(two.contains("\"Value\" : \"eu-central-1,eu-west-1\""))
        for region in ["eu-central-1", "eu-west-1"] {
            #expect(two.contains("arn:${AWS::Partition}:bedrock:\(region):${AWS::AccountId}:inference-profile/*"))
        }
        #expect(!(try body(Self.options.with(\.regions, ["*"])).contains("aws:RequestedRegion")))
    }

    @Test func `what no log meters stays shut unless it is asked for`() throws {
        let shut = try access()
        #expect(!shut.allowsStreams && !shut.allowsTiers && !shut.allowsMantle && shut.unmetered.isEmpty)
        for option in [\StackOptions.access.allowStreams, \.access.allowTiers, \.access.mantle] {
            #expect(try access(Self.options.with(option, true)).unmetered.count == 1)
        }
        let body = try body()
        #expect(body.contains("NoUnloggedStreams") && body.contains("NoDearTiers") && !body.contains("mantle"))
        #expect(
            try access(Self.options.with(\.access.mantle, true)).unmetered[0].problem.contains(
                "not metered by invocation logs"
            )
        )
    }

    /// CloudFormation replaces a managed policy whose description changes, and so takes it away for a moment.
    @Test func `the descriptions of the managed policies never change`() throws {
        let body = try body()
        for text in ["What the vending server may do", "What researchers may do with Bedrock"] {
            #expect(body.contains("\"Description\" : \"\(text)\""), "a new text replaces the policy in every stack")
        }
    }

    private static let tooManyTags = (0..<49).map { "k\($0)=v" }
    private static let refused: [(options: StackOptions, part: String)] = [
        (options.with(\.stackName, "1st"), "--stack-name"), (options.with(\.stackName, "a_b"), "--stack-name"),
        (options.with(\.stackName, ""), "--stack-name"),
        (options.with(\.stackName, String(repeating: "a", count: 129)), "--stack-name"),
        (options.with(\.models, ["anthropic claude"]), "--models"),
        (options.with(\.models, ["${AWS::Region}"]), "--models"),
        (options.with(\.regions, ["eu central"]), "--regions"), (options.with(\.regions, ["mars"]), "--regions"),
        (options.with(\.regions, ["eu-central"]), "--regions"), (options.with(\.tag, ["Bursar=no"]), "the mark"),
        (options.with(\.regions, ["us-gov-west-1"]), "aws-us-gov"),
        (options.with(\.regions, ["us-iso-east-1"]), "aws-iso"),
        (options.with(\.regions, ["eusc-de-east-1"]), "aws-eusc"),
        (options.with(\.regions, ["eu-west-1", "eu-west-1"]), "twice"),
        (options.with(\.access.allowGlobal, true).with(\.regions, ["*"]), "--regions"),
        (options.with(\.models, ["us.*"]), "geography"),
        (options.with(\.models, ["arn:aws:bedrock:us-east-1:123456789012:imported-model/a"]), "an imported model"),
        (options.with(\.permissionsBoundary, "arn:aws-iso:iam::123456789012:policy/limit"), "aws-iso"),
        (options.with(\.externalID, "x"), "--external-id"), (options.with(\.externalID, "${x}"), "--external-id"),
        (options.with(\.externalID, String(repeating: "x", count: 1225)), "--external-id"),
        (options.with(\.maxSession, "59m"), "--max-session"), (options.with(\.maxSession, "13h"), "--max-session"),
        (options.with(\.maxSession, "soon"), "--max-session"), (options.with(\.ip, ["10.0.0.0/33"]), "--ip"),
        (options.with(\.ip, ["here"]), "--ip"),
        (options.with(\.permissionsBoundary, "limit"), "--permissions-boundary"),
        (options.with(\.permissionsBoundary, "arn:aws:iam::123456789012:role/limit"), "--permissions-boundary"),
        (options.with(\.permissionsBoundary, "arn:aws-cn:iam::123456789012:policy/limit"), "aws-cn"),
        (options.with(\.tag, ["alone"]), "no value"), (options.with(\.tag, ["=x"]), "--tag"),
        (options.with(\.tag, ["AWS:x=y"]), "AWS's own"),
        (options.with(\.tag, ["a=1", "A=2"]), "twice"), (options.with(\.tag, ["a=\u{1B}[31m"]), "--tag"),
        (options.with(\.tag, [String(repeating: "k", count: 129) + "=v"]), "--tag"),
        (options.with(\.tag, ["k=" + String(repeating: "v", count: 257)]), "--tag"),
        (options.with(\.tag, tooManyTags), "48 tags are the most"),
        (options.with(\.volumeSize, 10), "--availability-zone"),
        (options.with(\.availabilityZone, "us-east-1a"), "zone of eu-central-1"),
        (options.with(\.availabilityZone, "eu-central-1"), "zone of eu-central-1"),
        (options.with(\.availabilityZone, "eu-central-1a").with(\.volumeSize, 0), "16384"),
        (options.with(\.availabilityZone, "eu-central-1a").with(\.volumeSize, 16385), "16384"),
    ]

    @Test(arguments: refused)
    func `what AWS would not take is refused before anything is sent`(_ options: StackOptions, _ part: String) throws {
        let problem = try #require(try problem(options))
        #expect("\(problem.problem) \(problem.hint ?? "")".contains(part), "\(problem)")
        #expect(!problem.problem.contains("\n") && problem.hint != nil)
    }

    @Test(arguments: [("us-iso-east-1", "aws-iso"), ("eu-isoe-west-1", "aws-iso-e"), ("mars-1", "not the name")])
    func `a region of no partition that is supported makes no template`(region: String, part: String) throws {
        #expect(try problem(Self.options, region: region)?.problem.contains(part) == true)
    }

    @Test func `documents and templates that are too long are refused`() throws {
        let models = (0..<64).map { "anthropic.\($0)-" + String(repeating: "x", count: 100) }
        #expect(try problem(Self.options.with(\.models, models))?.problem.contains("IAM takes 6144") == true)
        let tags = (0..<48).map { "\($0)\(String(repeating: "k", count: 120))=\(String(repeating: "v", count: 256))" }
        let withVolume = Self.options.with(\.availabilityZone, "eu-central-1a")
        #expect(try problem(withVolume.with(\.tag, tags))?.problem.contains("CloudFormation takes 51200") == true)
        #expect(try problem(withVolume.with(\.tag, Array(tags.prefix(10)))) == nil)
        #expect(try problem(Self.options.with(\.externalID, String(repeating: "x", count: 1224))) == nil)
    }

    @Test func `outputs become the server's settings by the names that it reads`() {
        let outputs = StackOutputs([
            "RoleArn": "arn:aws:iam::123456789012:role/b", "Region": "eu-central-1",
            "Regions": "eu-central-1,eu-west-1",
            "SessionTags": "yes", "SourceIdentity": "yes", "VolumeId": "vol-1", "Another": "x",
        ])
        #expect(
            outputs.environment == """
                BURSAR_ROLE_ARN=arn:aws:iam::123456789012:role/b
                BURSAR_REGION=eu-central-1
                BURSAR_REGIONS=eu-central-1,eu-west-1
                BURSAR_SESSION_TAGS=yes
                BURSAR_SOURCE_IDENTITY=yes
                """
        )
        #expect(outputs[.volumeID] == "vol-1")
    }
}

extension StackOptions {
    /// The same options, with another value of one.
    func with<Value>(_ option: WritableKeyPath<Self, Value>, _ value: Value) -> Self {
        var options = self
        options[keyPath: option] = value
        return options
    }
}
