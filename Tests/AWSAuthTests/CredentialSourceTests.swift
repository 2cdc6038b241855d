import AWSTestSupport
import BursarFoundation
import BursarHTTP
import BursarModel
import SystemPackage
import TestSupport
import Testing

@testable import AWSAuth

/// Cases that the comparison with botocore doesn't reach.
struct CredentialSourceTests {
    static let metadata = """
        {"AccessKeyId":"ASIAMETA","SecretAccessKey":"s","Token":"t","Expiration":"2026-01-02T09:04:05Z"}
        """

    func settings(_ environment: [String: String]) throws -> ResolvedProfile {
        try ResolvedProfile(environment: environment, profile: nil)
    }

    // MARK: Process

    func process(_ script: String, timeout: Duration = Waiting.limit) -> ProcessCredentials {
        var credentials = ProcessCredentials(
            profile: "p",
            words: ["sh", "-c", script],
            environment: ["PATH": "/usr/bin:/bin", "GREETING": "AKIAFROMENV"],
            accountID: "123456789012",
            now: { Recorded.date }
        )
        credentials.timeout = timeout
        return credentials
    }

    @Test func `a process is found on the path and gets the environment`() async throws {
        let credentials = try await process(
            #"echo "{\"Version\":1,\"AccessKeyId\":\"$GREETING\",\"SecretAccessKey\":\"s\"}""#
        ).credentials()
        #expect(credentials.accessKeyID == "AKIAFROMENV")
        #expect(credentials.accountID == "123456789012")
        #expect(credentials.sessionToken == nil)
    }

    @Test func `a process that doesn't end is ended`() async throws {
        let error = await #expect(throws: CredentialError.self) {
            try await process("exec sleep 600", timeout: .milliseconds(200)).credentials()
        }
        guard case .failed(_, let detail) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(detail.contains("didn't end"))
    }

    @Test(.timeLimit(.minutes(5)))
    func `a process whose own child keeps the pipe open is ended too`() async throws {
        await #expect(throws: CredentialError.self) {
            try await process("sleep 20 & echo '{}'", timeout: .milliseconds(200)).credentials()
        }
    }

    @Test func `a process that prints too much is an error`() async throws {
        await #expect(throws: CredentialError.self) {
            try await process("head -c 70000 /dev/zero").credentials()
        }
    }

    @Test func `what a process prints comes back in no error`() async throws {
        let error = await #expect(throws: CredentialError.self) {
            try await process(
                #"echo '{"Version":1,"AccessKeyId":"AKIA","SecretAccessKey":"hush hush"}'; echo hush >&2"#
            )
            .credentials()
        }
        #expect(!String(reflecting: error).contains("hush"))
    }

    private func detail(_ process: ProcessCredentials) async -> String {
        let error = await #expect(throws: CredentialError.self) { try await process.credentials() }
        guard case .failed(_, let detail) = error else { return String(describing: error) }
        return detail
    }

    private func process(words: [String], environment: [String: String] = [:]) -> ProcessCredentials {
        ProcessCredentials(
            profile: "p",
            words: words,
            environment: ["PATH": "/usr/bin:/bin"].merging(environment) { $1 },
            accountID: nil,
            now: { Recorded.date }
        )
    }

    @Test(arguments: [
        (["/nowhere/helper", "hush"], "\"/nowhere/helper\" can't be started: "),
        (["no-such-helper"], "\"no-such-helper\" can't be started: "),
        (["/etc/hostname"], "\"/etc/hostname\" can't be started: "), (["/"], "\"/\" can't be started: "),
        (["sh", "-c", "exit 7"], "\"sh\" ended with exit code 7; run it by itself to see why"),
        (["sh", "-c", "kill -9 $$"], "\"sh\" was ended by signal 9; run it by itself to see why"),
        (
            ["sh", "-c", "exit 1", "--aws-profile=p"],
            "\"sh\" ended with exit code 1; does it ask for profile p itself?"
        ),
        (["head", "-c", "70000", "/dev/zero"], "\"head\" prints more than 64000 bytes"),
    ])
    func `a program that gives nothing is named, with what became of it`(words: [String], detail: String) async {
        let said = await self.detail(process(words: words))
        #expect(said.hasPrefix(detail))
        #expect(!said.contains("hush"))
    }

    @Test func `an error about a program that can't be started has the system's reason`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path.appending("helper").string
        try TemporaryFolder.write("#!/nowhere/interpreter\n", to: path)
        let isReason = { (detail: String) in detail.contains("(errno ") || detail.contains("isn't executable") }
        #expect(isReason(await detail(process(words: [path]))))
        #expect(isReason(await detail(process(words: ["/nowhere/helper"]))))
    }

    @Test(arguments: [
        (#""123456789012""#, "123456789012"), ("123456789012", "123456789012"), ("12345678901", "012345678901"),
        ("1", "000000000001"),
        ("null", nil),
    ])
    func `an account may be a number`(json: String, account: String?) async throws {
        let output = #"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"s","AccountId":\#(json)}"#
        #expect(try await process(words: ["echo", output]).credentials().accountID == account)
    }

    @Test(arguments: ["-1", "1234567890123", "1.5", "true", "[]"])
    func `what is no account is refused`(json: String) async throws {
        let output = #"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"s","AccountId":\#(json)}"#
        await #expect(
            throws: CredentialError.malformed(source: "custom-process of profile p", detail: "AccountId is malformed")
        ) {
            try await process(words: ["echo", output]).credentials()
        }
    }

    // MARK: Profiles that ask for themselves

    @Test func `a program that asks for its own profile is stopped at its second turn`() async throws {
        let environment = try ProfilesUnderWay.environment(["HOME": "/h"], entering: "p q")
        #expect(throws: CredentialError.loop(["p q", "p q"])) {
            try ProfilesUnderWay.environment(environment, entering: "p q")
        }
        let deeper = try ProfilesUnderWay.environment(environment, entering: "r")
        #expect(throws: CredentialError.loop(["p q", "r", "p q"])) {
            try ProfilesUnderWay.environment(deeper, entering: "p q")
        }
        // The same name in another file is another profile.
        let elsewhere = deeper.merging(["AWS_CONFIG_FILE": "/other"]) { $1 }
        #expect(throws: Never.self) { try ProfilesUnderWay.environment(elsewhere, entering: "p q") }
    }

    @Test func `a program of a profile receives nothing but the profile's name`() async throws {
        let printed =
            #"echo "{\"Version\":1,\"AccessKeyId\":\"$_BURSAR_PROFILES_UNDER_WAY\",\"SecretAccessKey\":\"s\"}""#
        #expect(try await process(words: ["sh", "-c", printed]).credentials().accessKeyID == "p:::")
    }

    // MARK: Settings that can't be used

    @Test(arguments: [
        (
            ["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://10.0.0.1/a"], "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            "\"http://10.0.0.1/a\""
        ),
        (["AWS_CONTAINER_CREDENTIALS_FULL_URI": "nonsense"], "AWS_CONTAINER_CREDENTIALS_FULL_URI", "\"nonsense\""),
        (
            ["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://u:hush@x.example/a?hush"],
            "AWS_CONTAINER_CREDENTIALS_FULL_URI", "\"http://…@x.example/a?…\""
        ),
        (["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "v2"], "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "\"v2\""),
        (["AWS_METADATA_SERVICE_TIMEOUT": "5s"], "AWS_METADATA_SERVICE_TIMEOUT", "\"5s\""),
        (
            ["AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://x.example"], "AWS_EC2_METADATA_SERVICE_ENDPOINT",
            "\"http://x.example\""
        ),
        (
            ["AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "s", "AWS_CREDENTIAL_EXPIRATION": "soon"],
            "AWS_CREDENTIAL_EXPIRATION", "\"soon\""
        ),
        (["AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "hush hush"], "AWS_SECRET_ACCESS_KEY", "blanks"),
        (
            ["AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "hush hush"],
            "AWS_SESSION_TOKEN", "blanks"
        ),
    ])
    func `a variable that can't be used is named with its value, unless that is secret`(
        environment: [String: String],
        name: String,
        value: String
    ) async throws {
        let files = ["AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"]
        let chain = CredentialChain(
            environment: environment.merging(files) { $1 },
            clientContext: Recorded().clientContext()
        )
        let error = await #expect(throws: CredentialError.self) { try await chain.credentials() }
        guard case .malformed(_, let detail) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(detail.contains(name))
        #expect(detail.contains(value))
        #expect(!detail.contains("hush"))
    }

    @Test(arguments: [
        ("Ec2InstanceMetaData", "did you mean Ec2InstanceMetadata?"),
        ("ec2instancemetadata", "did you mean Ec2InstanceMetadata?"),
        ("EcsContainers", "did you mean EcsContainer?"), ("ENVIRONMENT", "did you mean Environment?"),
        ("env", "did you mean Environment?"),
        ("ECS", "did you mean EcsContainer?"),
        ("Lambda", "it is none of Environment, EcsContainer, Ec2InstanceMetadata"),
        ("", "it is none of Environment, EcsContainer, Ec2InstanceMetadata"),
    ])
    func `a mistyped name of a source gets the right one as advice`(name: String, advice: String) async throws {
        let folder = try TemporaryFolder()
        let path = folder.path.appending("config").string
        try TemporaryFolder.write(
            "[profile r]\nrole_arn = arn:aws:iam::123456789012:role/a\ncredential_source = \(name)\n",
            to: path
        )
        let chain = CredentialChain(
            environment: ["AWS_CONFIG_FILE": path, "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_PROFILE": "r"],
            clientContext: Recorded().clientContext()
        )
        let error = await #expect(throws: CredentialError.self) { try await chain.credentials() }
        #expect(error == .malformed(source: "profile r", detail: "credential_source is \"\(name)\"; \(advice)"))
    }

    @Test func `an error about a profile of aws login names the command that hands its credentials on`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path.appending("config").string
        try TemporaryFolder.write("[profile mine]\nlogin_session = arn:aws:iam::123456789012:user/ada\n", to: path)
        let chain = CredentialChain(
            environment: ["AWS_CONFIG_FILE": path, "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"],
            profile: "mine",
            clientContext: Recorded().clientContext()
        )
        let error = await #expect(throws: CredentialError.self) { try await chain.credentials() }
        guard case .unsupported(let source, let hint) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(source == "login_session of profile mine")
        #expect(hint.hasPrefix("credential_process = aws configure export-credentials --profile mine --format process"))
    }

    // MARK: Container

    @Test func `a container that is busy is asked three times, a second apart`() async throws {
        let busy = Recorded.Answer(status: 503)
        let world = Recorded(busy, .init(fault: .timedOut), .init(body: Self.metadata))
        let source = try ContainerCredentials(
            settings(["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/a?b"]),
            clientContext: world.clientContext()
        )
        #expect(try await source?.credentials().accessKeyID == "ASIAMETA")
        #expect(world.waited == [.seconds(1), .seconds(1)])
        #expect(world.requests.allSatisfy { $0.url == "http://169.254.170.2/v2/a?b" && $0.goesDirect })
    }

    @Test(arguments: [
        "http://169.254.170.23/v1/credentials", "http://[fd00:ec2::23]/v1", "http://127.0.0.1:1/", "http://localhost/a",
        "http://[::1]:80/a", "https://anywhere.example/a",
    ])
    func `a container's credentials may come from here`(url: String) throws {
        let settings = try settings(["AWS_CONTAINER_CREDENTIALS_FULL_URI": url])
        #expect(try ContainerCredentials(settings, clientContext: Recorded().clientContext()) != nil)
    }

    @Test(arguments: [
        "http://169.254.169.254/a", "http://10.0.0.1/a", "http://localhost.example/a", "http://127.0.0.1.example/a",
        "http://[fd00:ec2::24]/a", "ftp://localhost/a", "/a", "http://user@localhost/a",
    ])
    func `a container's credentials never come from there`(url: String) throws {
        let settings = try settings(["AWS_CONTAINER_CREDENTIALS_FULL_URI": url])
        #expect(throws: CredentialError.self) {
            try ContainerCredentials(settings, clientContext: Recorded().clientContext())
        }
    }

    @Test(arguments: ["a", "@evil.example/", ".evil.example/", ":80/a"])
    func `a relative address can't change the host`(path: String) throws {
        let settings = try settings(["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": path])
        #expect(throws: CredentialError.self) {
            try ContainerCredentials(settings, clientContext: Recorded().clientContext())
        }
    }

    // MARK: Instance

    func instance(_ world: Recorded, _ environment: [String: String] = [:]) throws -> InstanceCredentials? {
        try InstanceCredentials(settings(environment), clientContext: world.clientContext())
    }

    @Test func `the instance is asked for a token first, and goes past proxies`() async throws {
        let world = Recorded(.init(body: "imds-token"), .init(body: "my role\nother"), .init(body: Self.metadata))
        #expect(try await instance(world)?.credentials().accessKeyID == "ASIAMETA")
        let base = "http://169.254.169.254/latest"
        #expect(
            world.requests.map(\.url) == [
                "\(base)/api/token", "\(base)/meta-data/iam/security-credentials/",
                "\(base)/meta-data/iam/security-credentials/my%20role",
            ]
        )
        #expect(world.requests.map(\.method) == [.put, .get, .get])
        #expect(world.requests[2].headers.contains { $0 == ("x-aws-ec2-metadata-token", "imds-token") })
        #expect(world.requests.allSatisfy { $0.goesDirect })
    }

    @Test func `IPv6, attempts and time-out are as set`() async throws {
        let world = Recorded(.init(fault: .timedOut), .init(fault: .timedOut), .init(status: 404))
        let environment = [
            "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": "IPv6", "AWS_METADATA_SERVICE_NUM_ATTEMPTS": "3",
            "AWS_METADATA_SERVICE_TIMEOUT": "5",
        ]
        #expect(try await instance(world, environment)?.credentialsIfPresent() == nil)
        #expect(world.requests.count == 3)
        #expect(
            world.requests.allSatisfy { $0.url.hasPrefix("http://[fd00:ec2::254]/") && $0.limits.total == .seconds(5) }
        )
    }

    @Test(arguments: [
        [Recorded.Answer(fault: .timedOut)], [.init(body: "")], [.init(body: "two words")],
        [.init(body: "t"), .init(body: "")], [.init(body: "t"), .init(body: "r"), .init(body: "[]")],
        [.init(body: "t"), .init(body: "r"), .init(body: #"{"Code":"AssumeRoleUnauthorizedAccess","Message":"no"}"#)],
    ])
    func `a machine without a role has none`(answers: [Recorded.Answer]) async throws {
        #expect(try await instance(Recorded(answers))?.credentialsIfPresent() == nil)
    }

    @Test(arguments: [
        ["AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://10.0.0.1"], ["AWS_EC2_METADATA_SERVICE_ENDPOINT": "nonsense"],
        ["AWS_METADATA_SERVICE_TIMEOUT": "0"], ["AWS_METADATA_SERVICE_NUM_ATTEMPTS": "many"],
    ])
    func `settings of the instance that can't be are refused`(environment: [String: String]) throws {
        #expect(throws: CredentialError.self) { try instance(Recorded(), environment) }
    }

    // MARK: SSO

    @Test(.enabled(if: Peer.isThere))
    func `a session that we refreshed is private, and one that botocore uses`() async throws {
        let name = "an SSO session that is over and refreshable"
        let expired = try #require(try ChainCase.all().first { $0.name == name })
        try await Peer.withAWS { base in
            let folder = try TemporaryFolder()
            let settled = try expired.settled(in: folder.path.string, base: base)
            let transport = HTTPTransport()
            let chain = CredentialChain(
                environment: settled.environment ?? [:],
                clientContext: AWSClientContext(transport: transport, now: { Date() })
            )
            let ours = try await chain.credentials()
            let cache = SSOTokenCache(folder: folder.path.appending(".aws/sso/cache"))
            let token = try cache.token(of: "corp")
            #expect(token.accessToken.reveal() == "fresh-refresh")
            #expect(token.refreshToken?.reveal() == "next-refresh")
            let stat = try cache.path(of: "corp").stat()
            #expect(stat.permissions == .ownerReadWrite)
            let theirs = try await Peer.botocore([settled])
            #expect(
                theirs == [
                    ChainOutcome(method: "sso", accessKeyID: ours.accessKeyID, token: ours.sessionToken?.reveal())
                ]
            )
        }
    }

    // MARK: Region

    @Test func `the region comes from code, AWS_REGION, AWS_DEFAULT_REGION, then the profile`() throws {
        let folder = try TemporaryFolder()
        let config = folder.path.appending("config").string
        try TemporaryFolder.write("[default]\nregion = ap-south-1\n[profile a]\nregion = sa-east-1\n", to: config)
        var environment = ["AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-2", "AWS_CONFIG_FILE": config]
        #expect(try RegionSetting.find(explicit: "us-east-2", environment: environment) == "us-east-2")
        #expect(try RegionSetting.find(environment: environment) == "eu-west-1")
        environment["AWS_REGION"] = ""
        #expect(try RegionSetting.find(environment: environment) == "eu-west-2")
        environment["AWS_DEFAULT_REGION"] = nil
        #expect(try RegionSetting.find(environment: environment) == "ap-south-1")
        #expect(try RegionSetting.find(environment: environment, profile: "a") == "sa-east-1")
        environment["AWS_CONFIG_FILE"] = "/dev/null"
        #expect(try RegionSetting.find(environment: environment) == nil)
    }
}
