import BursarFoundation
import BursarHTTP
import BursarModel
import TestSupport
import Testing

/// `/container-credentials`, for SDKs with nothing installed: moto verifies the signatures of boto3 and both AWS CLIs.
@Suite struct ContainerCredentialsTests {
    /// A client that calls GetCallerIdentity, and the variable that gives it the key.
    enum Client: String, CaseIterable {
        case boto3
        case cli1
        /// Debian's 2.9 doesn't read `…_TOKEN_FILE` yet.
        case cli2

        var isInstalled: Bool { self != .cli2 || FileManager.default.fileExists(atPath: "/usr/bin/aws") }
    }

    private static let boto3 = """
        import boto3
        print(boto3.client("sts", region_name="us-east-1").get_caller_identity()["Arn"])
        """

    /// Runs `client` with only the two variables and AWS's endpoint.
    private func run(_ client: Client, _ world: World, _ server: String, _ aws: String, key: String) async throws
        -> Program.Outcome
    {
        let file = world.home + "/key"
        try Data(key.utf8).write(to: URL(filePath: file))
        var variables = [
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": server + "/container-credentials", "AWS_ENDPOINT_URL": aws,
            "AWS_DEFAULT_REGION": "us-east-1",
        ]
        variables["AWS_CONTAINER_AUTHORIZATION_TOKEN" + (client == .cli2 ? "" : "_FILE")] = client == .cli2 ? key : file
        let arguments = words("sts get-caller-identity --output text --query Arn --endpoint-url \(aws)")
        switch client {
        case .boto3: return try await world.peer("python", ["-c", Self.boto3], variables)
        case .cli1: return try await world.peer("aws", arguments, variables)
        case .cli2: return try await world.run("/usr/bin/aws", arguments, variables)
        }
    }

    @Test(arguments: Client.allCases.filter(\.isInstalled), ["", "Bearer ", "bearer "])
    func `an SDK with two variables and nothing installed is served`(_ client: Client, _ prefix: String) async throws {
        let world = try World()
        let key = try await world.onboardAda()
        try await world.withMoto { aws in
            let endpoint = try #require(aws["AWS_ENDPOINT_URL"])
            try await world.serve(aws) { server in
                let outcome = try await run(client, world, server.url, endpoint, key: prefix + key.text.reveal())
                #expect(
                    try succeeded(outcome).output == "arn:aws:sts::123456789012:assumed-role/bedrock/ada+\(key.id)\n"
                )
            }
        }
        // SDKs wait 2 s for a response and ask again, so on a busy machine there may be more than one.
        let addresses = try await world.records("vend").map(\.address)
        #expect(Set(addresses) == ["127.0.0.1"], "\(addresses)")
    }

    @Test(arguments: Client.allCases.filter(\.isInstalled))
    func `what an SDK says when the key is refused names the reason and not the key`(_ client: Client) async throws {
        let world = try World()
        let key = try await world.onboardAda()
        try await succeeded(world.admin("keys revoke \(key.id) --reason lost --yes"))
        try await world.serve(["BURSAR_ISSUER": "simulated"]) { server in
            let revoked = try await run(client, world, server.url, server.url, key: key.text.reveal())
            #expect(!revoked.isSuccess)
            #expect(revoked.errors.contains("401"))
            #expect(revoked.errors.contains("key_revoked"))
            #expect(revoked.errors.contains(ErrorCode.keyRevoked.message))
            #expect(!revoked.errors.contains(key.text.reveal()))
            let other = try await run(client, world, server.url, server.url, key: "Basic eHl6")
            #expect(other.errors.contains("key_malformed"))
        }
    }

    @Test func `errors have the SDKs' fields and Bursar's`() async throws {
        let world = try World()
        _ = try await world.onboardAda()
        try await world.serve(["BURSAR_ISSUER": "simulated"]) { server in
            let answer = try await world.get(server.url + "/container-credentials")
            #expect(answer.status == 401)
            let fields = try JSONDecoder().decode([String: String].self, from: answer.body)
            #expect(Set(fields.keys) == ["Code", "Message", "message", "error", "requestID"])
            #expect(fields["Code"] == "key_missing")
            #expect(fields["Message"] == fields["message"])
        }
    }

    @Test func `a key file that ends in a line break is refused by the SDK, as the docs say`() async throws {
        let world = try World()
        let key = try await world.onboardAda()
        try await world.serve(["BURSAR_ISSUER": "simulated"]) { server in
            let outcome = try await run(.boto3, world, server.url, server.url, key: key.text.reveal() + "\n")
            #expect(outcome.errors.contains("not a legal header value"))
        }
    }
}
