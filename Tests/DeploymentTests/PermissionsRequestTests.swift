import AWSAuth
import AWSClients
import BursarConsole
import BursarFoundation
import Testing

@testable import Deployment

/// The policy of the researchers' role, and what it refuses to be made from.
struct PermissionsRequestTests {
    private static let role = "arn:aws:iam::123456789012:role/bedrock"

    private static func policy(
        roles: [String] = [role],
        serverRegions: [String] = [],
        _ change: (inout PermissionsRequest) -> Void
    ) throws -> AccessPolicy {
        var request = PermissionsRequest()
        change(&request)
        return try request.policy(
            for: try roles.map { try RoleName($0, .option("--role-arn")) },
            serverRegions: serverRegions,
            serverPartition: .aws,
            on: Terminal(program: "test", environment: [:])
        )
    }

    @Test func `the account is the role's unless another is named`() throws {
        #expect(try Self.policy { _ in }.account == "123456789012")
        #expect(try Self.policy { $0.account = "210987654321" }.account == "210987654321")
        #expect(try Self.policy(roles: []) { _ in }.account == nil)
    }

    @Test func `only the tier of a region holds in regions, by default the server's`() throws {
        let server = ["us-east-1", "us-west-2"]
        #expect(try Self.policy(serverRegions: server) { _ in }.regions == nil)
        let limited = try Self.policy(serverRegions: server) { $0.tier = .region }
        #expect(limited.regions == .init(server))
        let named = try Self.policy(serverRegions: server) {
            $0.tier = .region
            $0.regions = ["eu-west-1,eu-central-1"]
            $0.access.allowGlobal = true
        }
        #expect(named.regions == .init(["eu-west-1", "eu-central-1"], allowsGlobalProfiles: true))
    }

    @Test func `options that contradict one another are refused, each with its words`() throws {
        let cases: [(part: String, change: (inout PermissionsRequest) -> Void)] = [
            ("--tier models", { $0.tier = .models }),
            (
                "--tier minimum",
                {
                    $0.tier = .minimum
                    $0.models = ["anthropic.*"]
                }
            ), ("--allow-global", { $0.access.allowGlobal = true }), ("--account", { $0.account = "12" }),
            ("no region", { $0.tier = .region }), ("aws-cn", { $0.partition = "aws-cn" }),
            ("several partitions", { $0.regions = ["cn-north-1"] }), ("--models", { $0.models = ["a|b"] }),
        ]
        for (part, change) in cases {
            let error = try #require(throws: UserFacingError.self) { try Self.policy(change) }
            #expect("\(error.problem)".contains(part), "\(error)")
        }
    }

    @Test func `a policy longer than IAM takes is refused, and a trust policy sooner`() throws {
        func size(_ count: Int) throws -> PolicySize {
            let policies = RolePolicies(tagsSessions: false, setsSourceIdentity: false)
            return try PolicySize(
                policies.trust(server: Self.role, externalID: String(repeating: "x", count: count))
            )
        }
        let terminal = Terminal(program: "test", environment: [:])
        try size(1000).checkPermissions(terminal)
        try size(1000).checkTrust(terminal)
        #expect(throws: UserFacingError.self) { try size(PolicyLimit.inline).checkPermissions(terminal) }
        #expect(throws: UserFacingError.self) { try size(PolicyLimit.longestTrust).checkTrust(terminal) }
    }
}
