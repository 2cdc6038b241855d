import AWSAuth
import ArgumentParser
import Console
import FoundationEssentials
import TestSupport
import Testing

@testable import admin

/// The template of a stack, and what it refuses to be made from.
@Suite struct StackTemplateTests {
    private func body(_ words: String..., region: String = "eu-central-1") throws -> String {
        try Self.body(words, region: region)
    }

    static func body(_ words: [String], region: String) throws -> String {
        try StackTemplate(try StackOptions.parse(words).choices(region: region)).body
    }

    private func problem(_ words: [String], region: String = "eu-central-1") throws -> Problem? {
        do {
            _ = try Self.body(words, region: region)
            return nil
        } catch let problem as Problem {
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
        for region in ["us-east-1", "us-gov-west-1", "cn-north-1"] {
            let body = try body("--models", "anthropic.*", "--availability-zone", "\(region)a", region: region)
            #expect(!body.contains("arn:aws"))
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

    @Test func `regions limit where AWS may be called, and none are a limit unless they are named`() throws {
        #expect(!(try body().contains("aws:RequestedRegion")))
        let limited = try body("--regions", "eu-central-1,eu-west-1")
        #expect(limited.contains("aws:RequestedRegion") && limited.contains("\"Value\" : \"eu-central-1,eu-west-1\""))
        #expect(!limited.contains("unspecified"))
        #expect(try body("--regions", "eu-central-1", "--allow-global").contains("unspecified"))
    }

    private static let tooManyTags: [String] = (0..<49).flatMap { ["--tag", "k\($0)=v"] }
    private static let refused: [(words: [String], part: String)] = [
        (["--stack-name", "1st"], "--stack-name"), (["--stack-name", "a_b"], "--stack-name"),
        (["--stack-name", ""], "--stack-name"),
        (["--stack-name", String(repeating: "a", count: 129)], "--stack-name"),
        (["--models", "anthropic claude"], "--models"), (["--models", "${AWS::Region}"], "--models"),
        (["--regions", "eu central"], "--regions"), (["--regions", "mars"], "--regions"),
        (["--regions", "eu-central"], "--regions"), (["--tag", "Bursar=no"], "the mark"),
        (["--regions", "us-gov-west-1"], "aws-us-gov"),
        (["--regions", "eu-west-1", "--regions", "eu-west-1"], "twice"), (["--allow-global"], "--regions"),
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

    @Test func `the command prints what is made in-process, and asks nothing of AWS`() async throws {
        let home = try OperatorHome()
        let printed = try await home.prints("aws template --region eu-central-1 --tag project=engines")
        #expect(printed == (try body("--tag", "project=engines")) + "\n")
        let refused = try await home.admin("aws template --region eu-central-1 --max-session 30m")
        #expect(refused.isRefusal && refused.errors.contains("hint: 1h to 12h"), "\(refused.errors)")
    }
}
