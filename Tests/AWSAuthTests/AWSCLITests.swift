import AWSTestSupport
import BursarFoundation
import BursarHTTP
import BursarModel
import SystemPackage
import TestSupport
import Testing

@testable import AWSAuth

/// Both AWS CLIs, version 1 of PyPI and version 2 of Debian, reading what we write.
struct AWSCLITests {
    static let programs = [Checkout.peer("aws"), "/usr/bin/aws"].filter { (try? FilePath($0).stat()) != nil }

    func run(_ program: String, _ arguments: [String], home: FilePath, base: String) async throws -> String {
        let cli = Program(
            program,
            environment: [
                "HOME": home.string, "PATH": "/usr/bin:/bin", "AWS_DEFAULT_REGION": "us-east-1",
                "AWS_EC2_METADATA_DISABLED": "true", "AWS_PAGER": "", "AWS_ENDPOINT_URL_SSO": base,
            ]
        )
        let outcome = try await cli.run(arguments + ["--endpoint-url", base, "--output", "text", "--profile", "s"])
        #expect(outcome.isSuccess, "\(outcome.errors)")
        return outcome.output
    }

    @Test(.enabled(if: Peer.isThere), arguments: programs)
    func `a session that we refreshed is signed in for the CLI`(program: String) async throws {
        let name = "an SSO session that is over and refreshable"
        let expired = try #require(try ChainCase.all().first { $0.name == name })
        try await Peer.withAWS { base in
            let folder = try TemporaryFolder()
            let settled = try expired.settled(in: folder.path.string, base: base)
            let world = AWSClientContext(transport: HTTPTransport(), now: { Date() })
            _ = try await CredentialChain(environment: settled.environment ?? [:], clientContext: world).credentials()
            let said = try await run(program, ["codecatalyst", "verify-session"], home: folder.path, base: base)
            #expect(said.hasPrefix("Bearer fresh-refresh"))
        }
    }

    @Test(.enabled(if: Peer.isThere), arguments: programs)
    func `credentials that we print are the CLI's`(program: String) async throws {
        try await Peer.withAWS { base in
            let folder = try TemporaryFolder()
            let role = SessionCredentials(
                accessKeyID: "ASIAPRINTEDBYUS",
                secretAccessKey: Secret("s/ecret+of=the/process"),
                sessionToken: Secret("token//of+the=process=="),
                expiration: Date(timeIntervalSince1970: 4_070_908_800)
            )
            let output = folder.path.appending("an output.json").string
            try TemporaryFolder.write(ProcessOutput(role).json(.zulu).reveal(), to: output)
            let config = "[profile s]\ncredential_process = cat \"\(output)\"\n"
            try TemporaryFolder.write(config, to: folder.path.appending(".aws/config").string)
            let said = try await run(program, ["sts", "get-caller-identity"], home: folder.path, base: base)
            #expect(said.contains("ASIAPRINTEDBYUS"))
        }
    }
}
