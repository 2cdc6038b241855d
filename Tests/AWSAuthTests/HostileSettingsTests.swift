import AWSTestSupport
import BursarFoundation
import BursarModel
import SystemPackage
import TestSupport
import Testing

@testable import AWSAuth

/// Settings and answers that are made to break what reads them.
struct HostileSettingsTests {
    func chain(_ config: String, _ world: Recorded = Recorded(), in folder: TemporaryFolder) throws
        -> CredentialChain
    {
        let path = folder.path.appending("config").string
        try TemporaryFolder.write(config, to: path)
        return CredentialChain(
            environment: [
                "HOME": folder.path.string, "AWS_CONFIG_FILE": path, "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
                "AWS_EC2_METADATA_DISABLED": "true", "PATH": "/usr/bin:/bin",
            ],
            clientContext: world.clientContext()
        )
    }

    @Test(arguments: [
        "web_identity_token_file = /etc/hostname\0/x\nrole_arn = arn:aws:iam::123456789012:role/a",
        "credential_process = /bin/echo\0 a", "credential_process = echo {}\0 a", "credential_process = ''",
        "credential_process =", "credential_process = \"\" a",
    ])
    func `a setting with a NUL in it, or nothing, is an error`(setting: String) async throws {
        let folder = try TemporaryFolder()
        let chain = try chain("[default]\n\(setting)\n", in: folder)
        await #expect(throws: CredentialError.self) { try await chain.credentials() }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a chain of two thousand profiles is refused`() async throws {
        let folder = try TemporaryFolder()
        let links = (0..<2000).map {
            "[profile p\($0)]\nrole_arn = arn:aws:iam::123456789012:role/a\nsource_profile = p\($0 + 1)\n"
        }
        let config = "[default]\nrole_arn = arn:aws:iam::123456789012:role/a\nsource_profile = p0\n" + links.joined()
        let chain = try chain(config + "[profile p2000]\naws_access_key_id=a\naws_secret_access_key=b\n", in: folder)
        await #expect(throws: CredentialError.self) { try await chain.find() }
    }

    @Test(arguments: [
        "99999999999999999999999-01-01T00:00:00Z", "2026-01-01T00:00:00.99999999999999999Z",
        "2026-01-01T00:00:00+99999999999999", "2026-99999999999999999999-01T00:00:00Z", "-2026-01-01T00:00:00Z",
        "2026-01-01T99999999999999999999:00:00Z", "٢٠٢٦-01-01T00:00:00Z", "292277026596-12-04T15:30:08Z",
    ])
    func `a time that can't be makes no trap`(text: String) {
        if let date = Timestamp.date(text) { #expect(abs(date.timeIntervalSince1970) < 1e12, "\(text)") }
    }

    @Test(arguments: ["1e300", "1e19", "-1e300", "253402300800000"])
    func `role credentials that end beyond the calendar are malformed`(end: String) async throws {
        let body = """
            {"roleCredentials":{"accessKeyId":"ASIA","secretAccessKey":"s","sessionToken":"t","expiration":\(end)}}
            """
        let client = try SSOClient(
            region: "us-east-1",
            endpoints: EndpointResolver(environment: [:]),
            clientContext: Recorded(.init(body: body)).clientContext()
        )
        await #expect(throws: AWSError.self) {
            try await client.roleCredentials(account: "123456789012", role: "r", token: Secret("t"))
        }
    }

    @Test func `an instance's credentials that have ended are an error`() async throws {
        let ended = CredentialSourceTests.metadata.replacing("2026-01-02T09", with: "2026-01-02T01")
        let world = Recorded(.init(body: "imds-token"), .init(body: "role"), .init(body: ended))
        let chain = CredentialChain(
            environment: ["AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"],
            clientContext: world.clientContext()
        )
        await #expect(throws: CredentialError.ended(source: "iam-role")) { try await chain.credentials() }
    }

    @Test func `what AWS says in a refusal is one line without terminal controls`() async throws {
        let refusal = AWSServiceError(
            service: .sts,
            operation: "A",
            status: 400,
            code: "B",
            requestID: nil,
            message: "a\u{1B}[2J\u{9B}31m\n\u{85}\u{2028}\u{202E}b"
        )
        #expect(refusal.message?.unicodeScalars.contains { $0.properties.generalCategory == .control } == false)
    }

    @Test func `a program that is stopped may end what it started`() async throws {
        let folder = try TemporaryFolder()
        let mark = folder.path.appending("pid").string
        let script = "trap 'kill $!; exit' TERM; sleep 100000 & echo $! > \(mark); wait"
        // The limit has to leave the shell time to start its own child.
        let hasStarted = try await Waiting.withLongerLimits { limit in
            let process = CredentialSourceTests().process(script, timeout: limit)
            await #expect(throws: CredentialError.self) { try await process.credentials() }
            return (try? String(contentsOfFile: mark, encoding: .utf8))?.hasSuffix("\n") == true
        }
        try #require(hasStarted)
        let child = try String(contentsOfFile: mark, encoding: .utf8)
        func isAlive() -> Bool {
            let state = try? String(contentsOfFile: "/proc/\(child.dropLast())/stat", encoding: .utf8)
            return state.map { !$0.contains(") Z ") } ?? false
        }
        try await Waiting.until("the end of the program's own child") { !isAlive() }
    }
}
