import BursarFoundation
import BursarModel
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// Both AWS CLIs and boto3 with an installed profile, and the number of requests that they cause.
struct RealClientsTests {
    let home: Home

    init() throws {
        home = try Home()
    }

    /// Version 1 of PyPI; version 2 of Debian, if installed.
    private static let clis = [Checkout.peer("aws"), "/usr/bin/aws"].filter { (try? FilePath($0).stat()) != nil }

    @Test func `both AWS CLIs are signed in, and one vend serves all their commands`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install("--region", "us-west-2")
            let moto = ["-c", "exec \"$0\" -H 127.0.0.1 -p 0 2>&1", Checkout.peer("moto_server")]
            let announcement = "http://127.0.0.1:"
            try await ChildServer.run(.path("/bin/sh"), moto, announcement: announcement) { moto in
                for cli in Self.clis {
                    let asked = ["sts", "get-caller-identity", "--endpoint-url", moto.url, "--query", "Account"]
                    let identity = try await aws(cli, asked)
                    #expect(identity.output == "\"123456789012\"\n", "\(cli): \(identity.errors)")
                    #expect(identity.errors.isEmpty)
                    let settings = try await aws(cli, ["configure", "list"]).output
                    let lines = settings.split(separator: "\n").map { $0.split(separator: " ") }
                    #expect(lines.contains { $0.first == "access_key" && $0.last == "custom-process" })
                    #expect(lines.contains { $0.starts(with: ["region", "us-west-2"]) })
                }
            }
            #expect(server.asked == 1)
        }
    }

    @Test(.enabled(if: clis.count == 2))
    func `version 2 hands on what it got from us`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            let exported = try await aws("/usr/bin/aws", ["configure", "export-credentials"])
            let process = try await home.creds("process")
            let credentials = try [exported, process].map { outcome in
                try ProcessOutput(parsing: Data(outcome.output.utf8)).credentials
            }
            #expect(credentials[0].accessKeyID == "ASIAEXAMPLE0000000001")
            #expect(credentials[0].expiration == credentials[1].expiration)
        }
    }

    /// botocore asks for every request when less than 15 minutes are left, and blocks requests at less than 10.
    @Test(arguments: [FakeBursar.Answer.fourteenMinutes, .nineMinutes])
    func `sessions shorter than boto3 likes are not vended for each request`(answer: FakeBursar.Answer) async throws {
        try await FakeBursar.run(answer, home: home) { server in
            _ = try await server.install()
            let seen = try await boto3("for _ in range(15): keys.add(credentials.get_frozen_credentials().access_key)")
            #expect(seen.output == "ASIAEXAMPLE0000000001\n", "\(seen.errors)")
            #expect(server.asked == 1)
        }
    }

    @Test(arguments: [(540, true), (840, true), (-10, false)])
    func `a server that fails is left alone while what is there works`(left: Int, works: Bool) async throws {
        try await FakeBursar.run(.broken, home: home) { server in
            _ = try await server.install()
            try home.writeDueSession(left: TimeInterval(left))
            let seen = try await boto3("for _ in range(10): keys.add(credentials.get_frozen_credentials().access_key)")
            #expect(seen.isSuccess == works)
            #expect(seen.output == (works ? "ASIADUE000000000000\n" : ""))
            // One refresh, with its three attempts.
            #expect(server.asked == 3)
            #expect(works || seen.errors.contains("creds: error: something failed here (internal)"))
        }
    }

    @Test func `threads that all have to renew share one vend`() async throws {
        let script = """
            import concurrent.futures
            with concurrent.futures.ThreadPoolExecutor(8) as pool:
                sessions = [boto3.Session(profile_name="temp-bedrock") for _ in range(8)]
                keys.update(pool.map(lambda session: session.get_credentials().get_frozen_credentials().access_key, sessions))
            """
        try await FakeBursar.run(.slow, home: home) { server in
            _ = try await server.install()
            try home.writeDueSession(left: -1)
            let seen = try await boto3(script)
            #expect(seen.output == "ASIAEXAMPLE0000000001\n", "\(seen.errors)")
            #expect(server.asked == 1)
        }
    }

    private func aws(_ cli: String, _ arguments: [String]) async throws -> Program.Outcome {
        let environment = home.environment.merging(["AWS_PAGER": "", "AWS_EC2_METADATA_DISABLED": "true"]) { $1 }
        return try await Program(cli, environment: environment).run(arguments + ["--profile", "temp-bedrock"])
    }

    /// Runs Python code that puts access key ids into `keys`.
    private func boto3(_ lines: String) async throws -> Program.Outcome {
        let script = """
            import boto3
            credentials = boto3.Session(profile_name="temp-bedrock").get_credentials()
            keys = set()
            \(lines)
            print(*sorted(keys))
            """
        return try await Program(Checkout.peer("python"), environment: home.environment).run(["-c", script])
    }
}
