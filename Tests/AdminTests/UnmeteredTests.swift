import BursarFoundation
import TestSupport
import Testing

/// Policies of AWS's on the researchers' role that open spending which no invocation log shows.
@Suite struct UnmeteredStatusTests {
    private struct Sheet: Decodable {
        let unmetered: [String]?
    }

    @Test func `a stack's status names each of them, and no other`() async throws {
        try await StackAccount.with(story: "unmetered") { account in
            let status = try await account.aws("status --format json")
            let names = ["AmazonBedrockFullAccess", "AmazonBedrockMantleInferenceAccess", "AnthropicInferenceAccess"]
            #expect(try (decoded(status.output) as Sheet).unmetered == names)
            for name in names {
                let hint = "hint: aws iam detach-role-policy --role-name bursar-BedrockRole-1 --policy-arn "
                #expect(status.errors.contains("\(name) is attached to the researchers' role"), "\(status.errors)")
                #expect(status.errors.contains(hint + "arn:aws:iam::aws:policy/\(name)"), "\(status.errors)")
            }
            #expect(!status.errors.contains("ReadOnly"))
        }
    }

    @Test(arguments: [("healthy", [String]?([])), ("unlisted", nil)])
    func `a role without them has none, and one that can't be looked at says so`(
        _ story: String,
        _ names: [String]?
    ) async throws {
        try await StackAccount.with(story: story) { account in
            let status = try await account.aws("status --format json")
            #expect(status.isSuccess, "\(status.errors)")
            #expect(try (decoded(status.output) as Sheet).unmetered == names)
            #expect(status.errors.contains("ListAttachedRolePolicies") == (names == nil), "\(status.errors)")
        }
    }
}

@Suite(.enabled(if: Account.isThere), .serialized)
struct UnmeteredDoctorTests {
    private struct Report: Decodable {
        struct Finding: Decodable {
            let check: String
            let status: String
            let detail: String
        }

        let passed: Bool
        let findings: [Finding]
    }

    private func roles(_ account: Account, _ changes: [String: String] = [:]) async throws -> [Report.Finding] {
        let outcome = try await account.admin("doctor --format json", changes: Account.role.merging(changes) { $1 })
        return try (decoded(outcome.output) as Report).findings.filter { $0.check == "role" }
    }

    @Test func `the doctor looks at the role's policies, as the operator`() async throws {
        try await Account.with { account in
            try await account.addAda()
            #expect(try await roles(account).map(\.status) == ["ok"])
            for policy in ["AmazonBedrockFullAccess", "AmazonBedrockLimitedAccess"] {
                _ = try await account.iam(
                    "attach-role-policy --role-name bedrock --policy-arn arn:aws:iam::aws:policy/\(policy)"
                )
            }
            let found = try await roles(account)
            #expect(found.map(\.status) == ["problem", "problem"])
            #expect(found.contains { $0.detail.hasPrefix("AmazonBedrockFullAccess is attached") })
            #expect(found.contains { $0.detail.hasPrefix("AmazonBedrockLimitedAccess is attached") })
            let blind = try await roles(account, account.reader)
            #expect(blind.map(\.status) == ["warning"] && blind[0].detail.contains("was not looked at"), "\(blind)")
            let nobody = ["AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""]
            #expect(try await roles(account, nobody).map(\.status) == ["warning"])
            #expect(try await roles(account, ["BURSAR_ISSUER": "simulated"]).isEmpty)
        }
    }
}
