import AWSAuth
import BursarModel
import Testing

@testable import AWSClients

/// IAM documents, word for word.
@Suite struct PolicyDocumentTests {
    private static let server = "arn:aws:iam::123456789012:role/vending-server"

    private func statements(_ document: PolicyDocument) throws -> String {
        let text = try document.compact()
        let (head, tail) = (#"{"Statement":["#, #"],"Version":"2012-10-17"}"#)
        try #require(text.hasPrefix(head) && text.hasSuffix(tail))
        return String(text.dropFirst(head.count).dropLast(tail.count))
    }

    @Test func `the role trusts the server alone`() throws {
        let document = RolePolicies().trust(server: Self.server, externalID: nil)
        #expect(
            try statements(document) == """
                {"Action":["sts:AssumeRole"],"Effect":"Allow","Principal":{"AWS":["\(Self.server)"]},"Sid":"AssumeRole"}
                """
        )
    }

    @Test func `the external id is asked for where AWS knows it`() throws {
        let policies = RolePolicies(tagsSessions: true, setsSourceIdentity: true)
        let document = policies.trust(server: Self.server, externalID: "bursar-1")
        let principal = #""Principal":{"AWS":["\#(Self.server)"]}"#
        #expect(
            try statements(document) == """
                {"Action":["sts:AssumeRole"],"Condition":{"StringEquals":{"sts:ExternalId":["bursar-1"]}},\
                "Effect":"Allow",\(principal),"Sid":"AssumeRole"},\
                {"Action":["sts:TagSession"],"Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":\
                ["researcher","project","key"]}},"Effect":"Allow",\(principal),"Sid":"TagSession"},\
                {"Action":["sts:SetSourceIdentity"],"Effect":"Allow",\(principal),"Sid":"SetSourceIdentity"}
                """
        )
    }

    @Test func `the server may assume the role, and what sessions carry is its to set`() throws {
        let role = "arn:aws:iam::123456789012:role/bedrock"
        #expect(
            try statements(RolePolicies(tagsSessions: true, setsSourceIdentity: true).server(roles: [role])) == """
                {"Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"],"Effect":"Allow",\
                "Resource":["\(role)"],"Sid":"AssumeRole"}
                """
        )
        #expect(RolePolicies().server(roles: [role]).statements.map(\.action) == [["sts:AssumeRole"]])
    }

    @Test func `a policy's size is that of what is sent, without the blanks that people read`() throws {
        let document = AccessPolicy(partition: .aws).document
        #expect(try document.size() == document.compact().count)
        #expect(try document.pretty().filter { $0 != " " && $0 != "\n" } == document.compact())
    }

    @Test func `every tier fits a managed policy, and every trust policy its limit`() throws {
        let models = try #require(ModelList("anthropic.*,meta.*,openai.*,amazon.nova-*"))
        let regions = AccessPolicy.Regions(["us-gov-west-1", "us-gov-east-1"], allowsGlobalProfiles: true)
        let largest = AccessPolicy(partition: .govCloud, account: "123456789012", models: models, regions: regions)
        #expect(try largest.document.size() < PolicyLimit.managed)
        let policies = RolePolicies(tagsSessions: true, setsSourceIdentity: true)
        let trust = policies.trust(server: Self.server, externalID: String(repeating: "x", count: 1224))
        #expect(try trust.size() < PolicyLimit.trust)
    }

    @Test(arguments: [
        ("aws", "ec2.amazonaws.com"), ("aws-cn", "ec2.amazonaws.com.cn"), ("aws-eusc", "ec2.amazonaws.com"),
    ])
    func `EC2 goes by a domain of its own in China alone`(partition: String, service: String) throws {
        let trust = ServiceTrust.instances(try Partition(named: partition))
        #expect(trust.statements.map(\.principal) == [["Service": [service]]])
    }
}
