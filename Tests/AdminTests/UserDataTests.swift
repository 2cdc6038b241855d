import BursarFoundation
import BursarModel
import ServerSettings
import TestSupport
import Testing
import Vending

/// `admin aws user-data`: what a new instance is given.
@Suite struct UserDataTests {
    private static let cloudInit = "/usr/bin/cloud-init"
    private static let sum = String(repeating: "0123456789abcdef", count: 4)
    private static let outputs = [
        "RoleArn": "arn:aws:iam::123456789012:role/bursar-BedrockRole-X", "Region": "eu-central-1",
        "Regions": "eu-central-1,eu-west-1", "SessionTags": "yes", "SourceIdentity": "yes",
        "LogGroup": "bursar-LogGroup-X", "VolumeId": "vol-0123456789abcdef0", "Allow": "192.0.2.0/24",
        "ExternalId": "bursar-1",
    ]

    private let home: OperatorHome

    init() throws {
        home = try OperatorHome()
    }

    /// The command's words, `changes` in place of the usual.
    private func words(
        _ changes: [String: String] = [:],
        outputs: [String: String] = outputs
    ) throws -> [String] {
        let file = try home.write(
            String(decoding: try JSONEncoder().encode(["outputs": outputs]), as: UTF8.self),
            to: "stack.json"
        )
        let usual = [
            "--outputs": file, "--public-url": "https://bursar.example.edu", "--sha256": Self.sum,
            "--archive": "https://example.edu/r/bursar-1.0.0-linux-x86_64.tar.gz",
        ]
        return ["aws", "user-data"]
            + usual.merging(changes) { $1 }.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] }
    }

    private func run(_ words: [String]) async throws -> Program.Outcome {
        let environment = ["PATH": "/usr/bin:/bin", "HOME": home.folder, "LC_ALL": "C.UTF-8"]
        return try await Program(Checkout.program("admin"), environment: environment).run(words)
    }

    private func body(_ changes: [String: String] = [:], outputs: [String: String] = outputs) async throws -> String {
        let outcome = try await run(try words(changes, outputs: outputs))
        try #require(outcome.isSuccess, "\(outcome.errors)")
        return outcome.output
    }

    /// The content of a file that the user-data writes.
    private func file(_ path: String, in body: String) throws -> String {
        let start = try #require(body.firstRange(of: "  - path: \(path)\n"))
        let content = try #require(body[start.upperBound...].firstRange(of: "    content: |\n"))
        let lines = body[content.upperBound...].split(separator: "\n", omittingEmptySubsequences: false)
        return lines.prefix { $0.isEmpty || $0.hasPrefix("      ") }.map { String($0.dropFirst(6)) }
            .joined(separator: "\n")
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: cloudInit)), arguments: [false, true])
    func `cloud-init takes it`(_ isBehindBalancer: Bool) async throws {
        let body = try await body(isBehindBalancer ? ["--trusted-proxy": "10.0.0.0/16"] : [:])
        let path = try home.write(body, to: "user-data.yaml")
        let outcome = try await Program(Self.cloudInit, environment: ["PATH": "/usr/bin:/bin", "HOME": home.folder])
            .run(["schema", "--config-file", path])
        #expect(outcome.isSuccess && outcome.output.contains("Valid"), "\(outcome.output) \(outcome.errors)")
        #expect(body.utf8.count < 16_384)
    }

    @Test func `the server reads its settings, which are those of the stack`() async throws {
        let settings = try file("/etc/bursar/config.yaml", in: try await body())
        let read = try Settings(environment: [:], file: SettingsFile(Array(settings.utf8), path: "config.yaml"))
        guard case .sts(let role) = read.issuer else { return #expect(Bool(false), "the issuer is STS") }
        #expect(role.arn == Self.outputs["RoleArn"] && role.region == "eu-central-1" && role.externalID == "bursar-1")
        #expect(role.tagsSessions && role.setsSourceIdentity)
        #expect(read.terms.regions == ["eu-central-1", "eu-west-1"])
        #expect(read.terms.allowed.description == "192.0.2.0/24")
        #expect(read.host == "127.0.0.1" && read.port == 8080 && read.tls == nil)
        // A proxy on the machine says where requests come from; nobody is 127.0.0.1.
        let proxy = IPAddress("127.0.0.1")
        #expect(read.clients.resolve(peer: proxy, lines: ["192.0.2.7"]) == IPAddress("192.0.2.7").map { .address($0) })
        guard case .none = read.clients.resolve(peer: proxy, lines: []) else { return #expect(Bool(false), "refused") }
        #expect(read.database.name == "/var/lib/bursar/bursar.sqlite")
        #expect(read.heads?.group == "bursar-LogGroup-X" && read.heads?.region == "eu-central-1")
        #expect(read.keys.publicURL.map { "\($0)" } == "https://bursar.example.edu")
    }

    @Test func `behind a balancer the server listens for others, with a certificate`() async throws {
        let body = try await body(["--trusted-proxy": "10.0.0.0/16"])
        let settings = try file("/etc/bursar/config.yaml", in: body)
        for line in [
            "port: \"8443\"", "host: \"0.0.0.0\"", "trustedProxies: \"10.0.0.0/16\"", "key: \"/etc/bursar/tls.key\"",
        ] {
            #expect(settings.contains(line), "\(settings)")
        }
        #expect(try file("/etc/bursar/first-boot.env", in: body).contains("TLS='yes'"))
    }

    @Test func `the script is what lies in the sources, and shellcheck finds nothing in it`() async throws {
        let path = Checkout.root + "Packages/Deployment/Deployment/first-boot.sh"
        let source = try String(contentsOfFile: path, encoding: .utf8)
        let written = try file("/usr/local/sbin/bursar-first-boot", in: try await body())
        #expect(source.hasPrefix(written) && source.utf8.count - written.utf8.count <= 1)
        guard FileManager.default.fileExists(atPath: "/usr/bin/shellcheck") else { return }
        let outcome = try await Program("/usr/bin/shellcheck", environment: ["PATH": "/usr/bin:/bin"]).run([path])
        #expect(outcome.isSuccess, "\(outcome.output)")
    }

    private static let apt = "/usr/bin/apt-cache"

    /// cloud-init asks apt for the names of packages, which don't include what packages provide (`libcurl4` on Ubuntu
    /// 24.04 and Debian 13), and ends as failed where one is missing.
    @Test(.enabled(if: FileManager.default.fileExists(atPath: apt)))
    func `every package is one by its own name, and none is renamed since the change of time_t`() async throws {
        let body = try await body()
        let start = try #require(body.firstRange(of: "\npackages:\n")?.upperBound)
        let names = body[start...].split(separator: "\n").prefix { $0.hasPrefix("  - ") }.map {
            String($0.dropFirst(4))
        }
        #expect(names.count == 8 && names.contains("curl") && !names.contains("libcurl4"))
        for name in names {
            let listed = try await Program(Self.apt, environment: ["PATH": "/usr/bin:/bin"]).run(["pkgnames", name])
            #expect(listed.output.split(separator: "\n").contains(Substring(name)), "\(name)")
        }
    }

    @Test func `without a log group no agent is configured`() async throws {
        let with = try await body()
        #expect(try file("/etc/bursar/cloudwatch-agent.json", in: with).contains("\"bursar-LogGroup-X\""))
        let without = try await body(outputs: Self.outputs.filter { $0.key != "LogGroup" })
        #expect(!without.contains("- path: /etc/bursar/cloudwatch-agent.json"))
    }

    private static let refused: [(changes: [String: String], part: String)] = [
        (["--public-url": "http://bursar.example.edu"], "--public-url"),
        (["--public-url": "https://ada:secret@example.edu"], "--public-url"),
        (["--archive": "http://example.edu/bursar-1.0.0-linux-x86_64.tar.gz"], "--archive"),
        (["--archive": "https://example.edu/other.tar.gz"], "--archive"),
        (["--archive": "https://example.edu/bursar-1.0.0-linux-x86_64.tar.gz?X-Amz-Signature=1"], "signed"),
        (["--archive": "https://u:p@example.edu/bursar-1.0.0-linux-x86_64.tar.gz"], "user"),
        (["--archive": "https://example.edu/$(id)/bursar-1.0.0-linux-x86_64.tar.gz"], "--archive"),
        (["--archive": "https://example.edu/'/bursar-1.0.0-linux-x86_64.tar.gz"], "--archive"),
        (["--sha256": "abc"], "--sha256"), (["--sha256": String(repeating: "g", count: 64)], "--sha256"),
        (["--volume-id": "vol-x"], "volume"), (["--volume-id": "vol-0123456789abcdef0'; id"], "volume"),
        (["--trusted-proxy": "anybody"], "--trusted-proxy"), (["--outputs": "/nonexistent"], "/nonexistent"),
    ]

    @Test(arguments: refused)
    func `what an instance can't be made from is refused`(_ changes: [String: String], _ part: String) async throws {
        let outcome = try await run(try words(changes))
        #expect(outcome.isRefusal && outcome.errors.contains(part), "\(outcome.errors)")
        #expect(outcome.errors.contains("hint: "))
        #expect(!outcome.errors.contains("secret@"))
    }

    private static let wrongOutputs: [(name: String, value: String?)] = [
        ("RoleArn", nil), ("Region", nil), ("VolumeId", nil), ("RoleArn", "arn:aws:iam::1:user/x"),
        ("Region", "eu central"), ("Regions", "eu-central-1,$(id)"), ("ExternalId", "'"), ("Allow", "10.0.0.0/99"),
        ("SessionTags", "perhaps"), ("LogGroup", "a\nb"),
    ]

    @Test(arguments: wrongOutputs)
    func `outputs are checked like anything else that becomes a setting`(_ name: String, _ value: String?) async throws
    {
        var outputs = Self.outputs
        outputs[name] = value
        let outcome = try await run(try words(outputs: outputs))
        #expect(outcome.isRefusal, "\(outcome.output)")
    }

    @Test func `a file without outputs is refused, with the command that makes one`() async throws {
        let file = try home.write("[]", to: "other.json")
        let outcome = try await run(try words(["--outputs": file]))
        #expect(outcome.isRefusal && outcome.errors.contains("admin aws status --format json"))
    }
}
