import AWSAuth
import AWSClients
import ArgumentParser
import BursarConsole
import BursarFoundation
import TestSupport
import Testing

@testable import Deployment

/// The template of a stack, and what it refuses to be made from.
@Suite struct StackTemplateTests {
    private func body(_ words: String..., region: String = "eu-central-1") throws -> String {
        try Self.body(words, region: region)
    }

    static func body(_ words: [String], region: String) throws -> String {
        try StackTemplate(try StackOptions.parse(words).configuration(region: region)).body
    }

    private func problem(_ words: [String], region: String = "eu-central-1") throws -> UserFacingError? {
        do {
            _ = try Self.body(words, region: region)
            return nil
        } catch let problem as UserFacingError {
            return problem
        }
    }

    @Test func `the same options make the same bytes, whatever order tags come in`() throws {
        let words = ["--models", "anthropic.*", "--external-id", "bursar-1", "--availability-zone", "eu-central-1a"]
        let one = try Self.body(words + ["--tag", "b=2", "--tag", "a=1"], region: "eu-central-1")
        for _ in 0..<20 {
            #expect(try Self.body(words + ["--tag", "a=1", "--tag", "b=2"], region: "eu-central-1") == one)
        }
    }

    @Test func `no role has a name of its own, so no stack needs CAPABILITY_NAMED_IAM`() throws {
        let body = try body("--availability-zone", "eu-central-1a")
        for name in ["RoleName", "ManagedPolicyName", "InstanceProfileName", "LogGroupName"] {
            #expect(!body.contains("\"\(name)\""))
        }
    }

    @Test func `no document names a partition, an account or a region that isn't asked for`() throws {
        for region in ["us-east-1", "us-gov-west-1", "cn-north-1", "eusc-de-east-1"] {
            let body = try body("--models", "anthropic.*", "--availability-zone", "\(region)a", region: region)
            #expect(!body.contains("arn:aws") && !body.contains("amazonaws.eu"))
            #expect(body.contains("arn:${AWS::Partition}:bedrock:*::foundation-model/anthropic.*"))
            #expect(body.contains("arn:${AWS::Partition}:bedrock:*:${AWS::AccountId}:inference-profile/*"))
            #expect(body.contains(region == "cn-north-1" ? "\"ec2.amazonaws.com.cn\"" : "\"ec2.amazonaws.com\""))
        }
    }

    @Test func `a volume outlives its stack, and its replacement`() throws {
        #expect(!(try body().contains("AWS::EC2::Volume")))
        let body = try body("--availability-zone", "eu-central-1a", "--volume-size", "40")
        #expect(body.contains("\"DeletionPolicy\" : \"Retain\""))
        #expect(body.contains("\"Encrypted\" : true") && body.contains("\"Size\" : 40"))
    }

    /// What the stack's policy of researchers is, with names in the place of what the stack knows.
    private func access(_ words: String..., region: String = "eu-central-1") throws -> AccessPolicy {
        StackParts(try StackOptions.parse(words).configuration(region: region)).access(account: "123456789012")
    }

    @Test func `the stack's region is where AWS may be called, unless others are named`() throws {
        #expect(try access().regions == .init(["eu-central-1"]))
        #expect(try access("--allow-global").regions == .init(["eu-central-1"], allowsGlobalProfiles: true))
        #expect(try access("--regions", "*").regions == nil)
        let two = try body("--regions", "eu-central-1,eu-west-1")
        #expect(two.contains("\"Value\" : \"eu-central-1,eu-west-1\""))
        for region in ["eu-central-1", "eu-west-1"] {
            #expect(two.contains("arn:${AWS::Partition}:bedrock:\(region):${AWS::AccountId}:inference-profile/*"))
        }
        #expect(!(try body("--regions", "*").contains("aws:RequestedRegion")))
    }

    @Test func `what no log meters stays shut unless it is asked for`() throws {
        let shut = try access()
        #expect(!shut.allowsStreams && !shut.allowsTiers && !shut.allowsMantle && shut.unmetered.isEmpty)
        for (option, number) in [("--allow-streams", 1), ("--allow-tiers", 1), ("--mantle", 1)] {
            #expect(try access(option).unmetered.count == number)
        }
        let body = try body()
        #expect(body.contains("NoUnloggedStreams") && body.contains("NoDearTiers") && !body.contains("mantle"))
        #expect(try access("--mantle").unmetered[0].problem.contains("not metered by invocation logs"))
    }

    /// CloudFormation replaces a managed policy whose description changes, and so takes it away for a moment.
    @Test func `the descriptions of the managed policies never change`() throws {
        let body = try body()
        for text in ["What the vending server may do", "What researchers may do with Bedrock"] {
            #expect(body.contains("\"Description\" : \"\(text)\""), "a new text replaces the policy in every stack")
        }
    }

    private static let tooManyTags: [String] = (0..<49).flatMap { ["--tag", "k\($0)=v"] }
    private static let refused: [(words: [String], part: String)] = [
        (["--stack-name", "1st"], "--stack-name"), (["--stack-name", "a_b"], "--stack-name"),
        (["--stack-name", ""], "--stack-name"),
        (["--stack-name", String(repeating: "a", count: 129)], "--stack-name"),
        (["--models", "anthropic claude"], "--models"), (["--models", "${AWS::Region}"], "--models"),
        (["--regions", "eu central"], "--regions"), (["--regions", "mars"], "--regions"),
        (["--regions", "eu-central"], "--regions"), (["--tag", "Bursar=no"], "the mark"),
        (["--regions", "us-gov-west-1"], "aws-us-gov"), (["--regions", "us-iso-east-1"], "aws-iso"),
        (["--regions", "eusc-de-east-1"], "aws-eusc"),
        (["--regions", "eu-west-1", "--regions", "eu-west-1"], "twice"),
        (["--allow-global", "--regions", "*"], "--regions"), (["--models", "us.*"], "geography"),
        (["--models", "arn:aws:bedrock:us-east-1:123456789012:imported-model/a"], "an imported model"),
        (["--permissions-boundary", "arn:aws-iso:iam::123456789012:policy/limit"], "aws-iso"),
        (["--external-id", "x"], "--external-id"), (["--external-id", "${x}"], "--external-id"),
        (["--external-id", String(repeating: "x", count: 1225)], "--external-id"),
        (["--max-session", "59m"], "--max-session"), (["--max-session", "13h"], "--max-session"),
        (["--max-session", "soon"], "--max-session"), (["--ip", "10.0.0.0/33"], "--ip"), (["--ip", "here"], "--ip"),
        (["--permissions-boundary", "limit"], "--permissions-boundary"),
        (["--permissions-boundary", "arn:aws:iam::123456789012:role/limit"], "--permissions-boundary"),
        (["--permissions-boundary", "arn:aws-cn:iam::123456789012:policy/limit"], "aws-cn"),
        (["--tag", "alone"], "no value"), (["--tag", "=x"], "--tag"), (["--tag", "AWS:x=y"], "AWS's own"),
        (["--tag", "a=1", "--tag", "A=2"], "twice"), (["--tag", "a=\u{1B}[31m"], "--tag"),
        (["--tag", String(repeating: "k", count: 129) + "=v"], "--tag"),
        (["--tag", "k=" + String(repeating: "v", count: 257)], "--tag"),
        (tooManyTags, "48 tags are the most"),
        (["--volume-size", "10"], "--availability-zone"),
        (["--availability-zone", "us-east-1a"], "zone of eu-central-1"),
        (["--availability-zone", "eu-central-1"], "zone of eu-central-1"),
        (["--availability-zone", "eu-central-1a", "--volume-size", "0"], "16384"),
        (["--availability-zone", "eu-central-1a", "--volume-size", "16385"], "16384"),
    ]

    @Test(arguments: refused)
    func `what AWS would not take is refused before anything is sent`(_ words: [String], _ part: String) throws {
        let problem = try #require(try problem(words))
        #expect("\(problem.problem) \(problem.hint ?? "")".contains(part), "\(problem)")
        #expect(!problem.problem.contains("\n") && problem.hint != nil)
    }

    @Test(arguments: [("us-iso-east-1", "aws-iso"), ("eu-isoe-west-1", "aws-iso-e"), ("mars-1", "not the name")])
    func `a region of no partition that is supported makes no template`(region: String, part: String) throws {
        #expect(try problem([], region: region)?.problem.contains(part) == true)
    }

    @Test func `documents and templates that are too long are refused`() throws {
        let models: [String] = (0..<64).flatMap { number -> [String] in
            ["--models", "anthropic.\(number)-" + String(repeating: "x", count: 100)]
        }
        #expect(try problem(models)?.problem.contains("IAM takes 6144") == true)
        let tags: [String] = (0..<48).flatMap { number -> [String] in
            ["--tag", "\(number)\(String(repeating: "k", count: 120))=\(String(repeating: "v", count: 256))"]
        }
        let zone = ["--availability-zone", "eu-central-1a"]
        #expect(try problem(tags + zone)?.problem.contains("CloudFormation takes 51200") == true)
        #expect(try problem(Array(tags.prefix(20)) + zone) == nil)
        #expect(try problem(["--external-id", String(repeating: "x", count: 1224)]) == nil)
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
