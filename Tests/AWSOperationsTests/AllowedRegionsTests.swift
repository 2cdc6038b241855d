import AWSAuth
import AWSClients
import BursarFoundation
import Testing

@testable import AWSOperations

/// The regions that policies let models be called in.
@Suite struct AllowedRegionsTests {
    private func regions(_ policies: String...) throws -> AllowedRegions {
        AllowedRegions(try policies.map { try #require(StoredPolicy($0)) })
    }

    private func policy(_ statements: String...) -> String {
        #"{"Version":"2012-10-17","Statement":[\#(statements.joined(separator: ","))]}"#
    }

    @Test(arguments: [false, true], [["us-east-1"], ["eu-west-1", "eu-north-1", "us-east-1"]])
    func `Bursar's own policies are read as they are meant`(_ allowsGlobal: Bool, _ names: [String]) throws {
        for allowsMore in [false, true] {
            var policy = AccessPolicy(
                partition: .aws,
                account: "123456789012",
                regions: .init(names, allowsGlobalProfiles: allowsGlobal)
            )
            policy.allowsMantle = allowsMore
            policy.allowsStreams = allowsMore
            policy.allowsTiers = allowsMore
            #expect(try regions(policy.document.compact()) == .named(Set(names)))
        }
        #expect(try regions(AccessPolicy(partition: .aws).document.compact()) == .anywhere)
    }

    private static let one = #""Condition":{"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}"#

    @Test(arguments: [
        (
            #"{"Effect":"Allow","Action":"bedrock:InvokeModel","Resource":"*",\#(one)}"#,
            AllowedRegions.named(["eu-west-1"])
        ),
        (#"{"Effect":"Allow","Action":["bedrock:Invoke*"],"Resource":"*",\#(one)}"#, .named(["eu-west-1"])),
        (#"{"Effect":"Allow","Action":"*","Resource":"*"}"#, .anywhere),
        (#"{"Effect":"Allow","Action":"BEDROCK:*","Resource":"*"}"#, .anywhere),
        (#"{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}"#, .anywhere),
        (#"{"Effect":"Allow","NotAction":"bedrock:*","Resource":"*"}"#, .named([])),
        (#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#, .named([])),
        (#"{"Effect":"Allow","Action":"bedrock:ListFoundationModels","Resource":"*"}"#, .named([])),
        (
            #"{"Effect":"Allow","Action":"bedrock:*","Resource":"*","Condition":{"StringLike":{"aws:RequestedRegion":"eu-*"}}}"#,
            .anywhere
        ),
        (
            #"{"Effect":"Allow","Action":"bedrock:*","Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":"eu-west-1"}}}"#,
            .anywhere
        ),
        (
            #"{"Effect":"Allow","Action":"bedrock:*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/a":"b"}}}"#,
            .anywhere
        ),
        (
            #"{"Effect":"Allow","Action":"bedrock:*","Resource":"*","Condition":{"ArnLike":{"bedrock:InferenceProfileArn":"arn:aws:bedrock:eu-west-1:*:inference-profile/*"}}}"#,
            .named(["eu-west-1"])
        ),
        (
            #"{"Effect":"Allow","Action":"bedrock:*","Resource":"*","Condition":{"ArnLike":{"bedrock:InferenceProfileArn":"arn:aws:bedrock:*:*:inference-profile/*"}}}"#,
            .anywhere
        ),
    ])
    func `a statement allows the regions that it names, else any`(_ statement: String, _ expected: AllowedRegions)
        throws
    {
        #expect(try regions(policy(statement)) == expected)
    }

    @Test func `statements and policies add up, and a deny of other regions limits them`() throws {
        let allow = #"{"Effect":"Allow","Action":"bedrock:InvokeModel","Resource":"*",\#(Self.one)}"#
        let more = allow.replacing("eu-west-1", with: "us-east-1")
        #expect(try regions(policy(allow, more)) == .named(["eu-west-1", "us-east-1"]))
        #expect(try regions(policy(allow), policy(more)) == .named(["eu-west-1", "us-east-1"]))
        let limit =
            #"{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringNotEquals":"#
            + #"{"aws:RequestedRegion":["eu-west-1","eu-north-1"]}}}"#
        #expect(try regions(policy(allow, more), policy(limit)) == .named(["eu-west-1"]))
        let all = #"{"Effect":"Allow","Action":"bedrock:*","Resource":"*"}"#
        #expect(try regions(policy(all, limit)) == .named(["eu-west-1", "eu-north-1"]))
    }

    @Test(arguments: [
        #"{"Effect":"Deny","Action":"bedrock:*","Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":"eu-west-1"},"StringEquals":{"aws:PrincipalTag/a":"b"}}}"#,
        #"{"Effect":"Deny","Action":"bedrock:*","Resource":"arn:aws:bedrock:*::foundation-model/a.*","Condition":{"StringNotEquals":{"aws:RequestedRegion":"eu-west-1"}}}"#,
        #"{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":"eu-west-1"}}}"#,
    ])
    func `a deny that doesn't hold for every call limits nothing`(_ deny: String) throws {
        let all = #"{"Effect":"Allow","Action":"bedrock:*","Resource":"*"}"#
        #expect(try regions(policy(all, deny)) == .anywhere)
    }
}
