import BursarModel
import Spend
import Testing

struct AttributionTests {
    private static let keys = ["0123456789ab": "ada", "0123456789ac": "ben", "0123456789ad": "Ada+Lab"]
    private let owners = SessionOwners(
        roles: [VendedRole(account: "123456789012", name: "bursar-bedrock")],
        researcher: { folded in
            ["ada", "ben", "Ada+Lab", "bursar-selftest"].first { $0.lowercased() == folded }.flatMap { Handle($0) }
        },
        owner: { key in keys[key.description].flatMap { Handle($0) } },
        isSelftest: { $0.description == "bursar-selftest" }
    )

    private func attribution(_ arn: String?) throws -> Attribution {
        try owners.attribution(of: Caller(arn: arn))
    }

    private func session(_ name: String) throws -> Attribution {
        try attribution("arn:aws:sts::123456789012:assumed-role/bursar-bedrock/\(name)")
    }

    private func researcher(_ handle: String, _ key: String? = nil) throws -> Attribution {
        .researcher(try #require(Handle(handle)), key: key.flatMap { KeyID($0) })
    }

    @Test
    func `A session is its researcher's, by handle alone or with a key of theirs`() throws {
        #expect(try session("ada") == researcher("ada"))
        #expect(try session("ADA") == researcher("ada"))
        #expect(try session("ada+0123456789ab") == researcher("ada", "0123456789ab"))
        #expect(try session("ada+lab+0123456789ad") == researcher("Ada+Lab", "0123456789ad"))
        #expect(try session("Ada+Lab") == researcher("Ada+Lab"))
    }

    @Test(arguments: [
        "ada+0123456789ac", "ada+0123456789zz", "eve", "ada+", "+0123456789ab", "ada+0123456789AB", "a", "check",
    ])
    func `A key of another researcher, or of none, proves nothing`(name: String) throws {
        #expect(try session(name) == .unknownSession(role: "bursar-bedrock"))
    }

    @Test
    func `A researcher's name under another role, or in another account, isn't theirs`() throws {
        #expect(
            try attribution("arn:aws:sts::123456789012:assumed-role/SomebodyElse/ada") == .otherRole("SomebodyElse")
        )
        #expect(
            try attribution("arn:aws:sts::999999999999:assumed-role/bursar-bedrock/ada") == .otherRole("bursar-bedrock")
        )
        #expect(try attribution("arn:aws:iam::123456789012:user/ada") == .user("ada"))
    }

    @Test(
        arguments: [
            (nil, "(AWS service)"), ("bedrock.amazonaws.com", "(AWS service)"), ("arn:aws:iam::1:root", "(root user)"),
            ("arn:aws:iam::1:user/path/BedrockAPIKey-xyz", "(IAM user BedrockAPIKey-xyz)"),
            ("arn:aws:sts::123456789012:assumed-role/bursar-bedrock/bursar-check", "(Bursar's own checks)"),
            ("arn:aws:sts::123456789012:assumed-role/bursar-bedrock/bursar-selftest", "(Bursar's own checks)"),
            ("arn:aws:sts::123456789012:assumed-role/bursar-bedrock/a/b", "(AWS service)"),
        ] as [(String?, String)]
    )
    func `Everything else has a row of its own`(arn: String?, label: String) throws {
        #expect(try attribution(arn).label == label)
    }

    @Test
    func `A role is known by its name without its path`() {
        let role = VendedRole(account: "123456789012", name: "bursar-bedrock")
        #expect(VendedRole(arn: "arn:aws:iam::123456789012:role/teams/a/bursar-bedrock") == role)
        #expect(VendedRole(arn: "arn:aws-us-gov:iam::123456789012:role/bursar-bedrock") == role)
        #expect(VendedRole(arn: "arn:aws:iam::123456789012:user/bursar-bedrock") == nil)
        #expect(VendedRole(arn: "bursar-bedrock") == nil)
    }
}
