import BursarFoundation
import SystemPackage
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// `creds proxy`, as built, between real clients and a server that takes fresh bearer tokens only.
struct ProxyTests {
    let home: Home

    init() throws {
        home = try Home()
    }

    @Test func `it prints where it is, a bearer of its own, and its region`() async throws {
        try await withProxy { proxy, _ in
            let url = try #require(proxy.variables["AWS_ENDPOINT_URL_BEDROCK_RUNTIME"])
            #expect(url.hasPrefix("http://127.0.0.1:"))
            #expect(proxy.variables["ANTHROPIC_BEDROCK_BASE_URL"] == url)
            #expect(proxy.variables["AWS_BEARER_TOKEN_BEDROCK"]?.utf8.count == 43)
            #expect(proxy.variables["AWS_REGION"] == "eu-west-1")
            #expect(proxy.variables["AWS_DEFAULT_REGION"] == "eu-west-1")
        }
    }

    /// botocore 1.43 sends no bearer token over http by default.
    @Test func `boto3 converses through it`() async throws {
        try await withProxy { proxy, _ in
            let seen = try await proxy.python(
                """
                import boto3, botocore, os
                bearer = "Bearer " + os.environ.pop("AWS_BEARER_TOKEN_BEDROCK")
                config = botocore.config.Config(signature_version=botocore.UNSIGNED)
                bedrock = boto3.client("bedrock-runtime", config=config)
                add = lambda request, **_: request.headers.add_header("Authorization", bearer)
                bedrock.meta.events.register("before-sign.bedrock-runtime", add)
                messages = [{"role": "user", "content": [{"text": "hi"}]}]
                answer = bedrock.converse(modelId="us.m-v1:0", messages=messages)
                print(answer["output"]["message"]["content"][0]["text"])
                stream = bedrock.converse_stream(modelId="us.m-v1:0", messages=messages)["stream"]
                print("".join(e["contentBlockDelta"]["delta"]["text"] for e in stream if "contentBlockDelta" in e))
                """
            )
            #expect(seen.output == "hello\none two\n", "\(seen.errors)")
        }
    }

    @Test func `each request has a token of its own, and nothing that the client signed with`() async throws {
        try await withProxy(["--ttl", "5m"]) { proxy, _ in
            let stray = ["X-Amz-Date: 1", "X-Amz-Security-Token: t", "Cookie: c", "Connection: x-hop", "X-Hop: 1"]
            let kept = ["X-Amzn-Bedrock-Trace: ENABLED", "Accept-Encoding: br"]
            let options = (stray + kept).flatMap { ["-H", $0] } + ["-d", "{}"]
            let answer = try await curl(proxy, options, "/model/m/invoke")
            let echo = try JSONDecoder().decode(Echo.self, from: Data(answer.output.utf8))
            #expect(echo.key == "ASIAEXAMPLE0000000001")
            #expect(echo.region == "eu-west-1")
            #expect(echo.expires == "300")
            let names = echo.headers.map { $0.lowercased() }
            #expect(names.filter { $0.hasPrefix("x-amz-") || ["cookie", "x-hop"].contains($0) }.isEmpty)
            #expect(names.contains("x-amzn-bedrock-trace") && names.contains("accept-encoding"))
        }
    }

    @Test func `an escaped ARN and a query arrive as they were sent`() async throws {
        try await withProxy { proxy, _ in
            let path = "/model/arn%3Aaws%3Abedrock%3Ax%2Fus.a/invoke?a=%2F&b"
            let answer = try await curl(proxy, ["-d", "{}"], path)
            #expect(answer.output.contains(#""path": "\#(path)""#))
            let listed = try await curl(proxy, [], "/async-invoke?maxResults=1")
            #expect(listed.output.contains(#""length": 0"#))
        }
    }

    @Test func `the first piece arrives before the second is sent`() async throws {
        try await withProxy { proxy, bedrock in
            let seen = try await proxy.python(
                Self.client + """
                    answer = ask("slow")
                    first = answer.read1()
                    urllib.request.urlopen(sys.argv[1] + "/go").read()
                    rest = answer.read()
                    print(b"messageStart" in first, b"two" in first, b"two" in rest)
                    """,
                bedrock.url
            )
            #expect(seen.output == "True False True\n", "\(seen.errors)")
        }
    }

    @Test(.timeLimit(.minutes(5))) func `when the client leaves, Bedrock's connection is closed`() async throws {
        try await withProxy { proxy, bedrock in
            let script = Self.client + "answer = ask('endless')\nprint(b'messageStart' in answer.read1())"
            let seen = try await proxy.python(script)
            #expect(seen.output == "True\n", "\(seen.errors)")
            #expect(await bedrock.says("left 0"))
        }
    }

    @Test func `an answer that breaks off is not taken for a whole one`() async throws {
        try await withProxy { proxy, _ in
            let broken = try await curl(proxy, ["-d", "{}"], "/model/broken/invoke")
            #expect(broken.output == "a part")
            // "Transferred a partial file".
            #expect(broken.exitCode == 18)
        }
    }

    @Test(arguments: [[], ["-H", "Transfer-Encoding: chunked"]])
    func `30 MB go up whole`(options: [String]) async throws {
        try await withProxy { proxy, _ in
            let bytes = Data((0..<30_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) })
            let file = home.path.appending("body")
            try bytes.write(to: URL(filePath: file.string))
            let answer = try await curl(proxy, options + ["--data-binary", "@\(file)"], "/model/m/invoke")
            let echo = try JSONDecoder().decode(Echo.self, from: Data(answer.output.utf8))
            #expect(echo.length == bytes.count)
            let digest = try await Program("/usr/bin/sha256sum").run([file.string])
            #expect(digest.output.contains(echo.sha256))
        }
    }

    @Test func `more than 100 MB are refused before they are sent`() async throws {
        try await withProxy { proxy, _ in
            let refused = try await curl(proxy, ["-d", "{}", "-H", "Content-Length: 100000001"], "/model/m/invoke")
            #expect(refused.output.hasPrefix(#"{"Code":"too_large""#))
        }
    }

    @Test(arguments: [
        "/foundation-models", "//model/m/invoke", "/model/../foundation-models", "/model/%2e%2e/foundation-models",
        "/model/m%2F..%2F..%2Fx/invoke", "/credentials", "/go",
    ])
    func `nothing but Bedrock's runtime is asked`(path: String) async throws {
        try await withProxy { proxy, _ in
            let refused = try await curl(proxy, ["--path-as-is", "-d", "{}"], path)
            #expect(refused.output.hasPrefix(#"{"Code":"not_found""#))
        }
    }

    @Test(arguments: [
        (["-H", "Authorization: Bearer no"], "token_wrong"), (["-H", "Authorization: "], "token_missing"),
        (["-H", "Authorization: AWS4-HMAC-SHA256 Credential=x"], "token_wrong"),
        (["-H", "Host: evil.example"], "host_refused"), (["-H", "Origin: http://localhost"], "browser_refused"),
        (["-H", "X-Forwarded-For: 127.0.0.1"], "forwarded_refused"), (["-X", "PUT"], "method_not_allowed"),
    ])
    func `who isn't meant is refused`(options: [String], code: String) async throws {
        try await withProxy { proxy, _ in
            let refused = try await curl(proxy, ["-i", "-d", "{}"] + options, "/model/m/invoke")
            #expect(refused.output.contains(#"{"Code":"\#(code)","Message":""#), "\(refused)")
            #expect(refused.output.contains("x-amzn-ErrorType: \(code)\r\n"))
        }
    }

    @Test func `Node's fetch is no browser`() async throws {
        try await withProxy { proxy, _ in
            let options = ["-H", "Sec-Fetch-Mode: cors", "-d", "{}"]
            let node = try await curl(proxy, options, "/model/m/invoke")
            #expect(node.output.contains(#""length": 2"#))
            let browser = try await curl(proxy, options + ["-H", "Sec-Fetch-Site: cross-site"], "/model/m/invoke")
            #expect(browser.output.contains("browser_refused"))
        }
    }

    @Test(.enabled(if: geteuid() == 0)) func `another user's process gets no answer`() async throws {
        try await withProxy { proxy, _ in
            let other = ["--reuid=65534", "--clear-groups", "/usr/bin/curl"] + arguments(proxy, [], "/async-invoke")
            let refused = try await Program("/usr/bin/setpriv").run(other)
            #expect(refused.output.isEmpty && !refused.isSuccess)
        }
    }

    @Test(.timeLimit(.minutes(5))) func `a session near its end is replaced between two requests`() async throws {
        try await withProxy(answers: [.twoSeconds, .hour]) { proxy, _ in
            var key = "ASIAEXAMPLE0000000001"
            while key == "ASIAEXAMPLE0000000001" {
                try await Task.sleep(for: .milliseconds(100))
                let answer = try await curl(proxy, ["-d", "{}"], "/model/m/invoke")
                key = try JSONDecoder().decode(Echo.self, from: Data(answer.output.utf8)).key
            }
            #expect(key == "ASIAEXAMPLE0000000002")
        }
    }

    @Test(.timeLimit(.minutes(5))) func `a token that AWS calls expired passes on, and the session is renewed`()
        async throws
    {
        try await withProxy(answers: [.hour, .hour]) { proxy, _ in
            let refused = try await curl(proxy, ["-i", "-d", "{}"], "/model/expired/invoke")
            #expect(refused.output.hasPrefix("HTTP/1.1 403 "))
            #expect(refused.output.contains("x-amzn-ErrorType: ExpiredTokenException\r\n"))
            var next = ""
            while !next.contains("ASIAEXAMPLE0000000002") {
                try await Task.sleep(for: .milliseconds(100))
                next = try await curl(proxy, ["-d", "{}"], "/model/m/invoke").output
            }
        }
    }

    @Test func `a Bedrock that can't be reached is reported`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            let environment = ["AWS_ENDPOINT_URL_BEDROCK_RUNTIME": "http://127.0.0.1:1"]
            try await ServedEndpoint.run(home, ["proxy", "--region", "us-east-1"], environment: environment) { proxy in
                let refused = try await curl(proxy, ["-d", "{}"], "/model/m/invoke")
                #expect(refused.output.hasPrefix(#"{"Code":"bedrock_unreachable""#))
            }
        }
    }

    @Test(arguments: [
        (
            "http://bedrock.example",
            "AWS_ENDPOINT_URL_BEDROCK_RUNTIME is plain http to another machine: \"http://bedrock.example\""
        ),
        ("http://localhost:21377", "AWS_ENDPOINT_URL… is this proxy's own address"),
    ])
    func `it sends in the clear to nobody, and not to itself`(url: String, problem: String) async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            let environment = ["AWS_ENDPOINT_URL_BEDROCK_RUNTIME": url, "AWS_REGION": "eu-west-1"]
            let failed = try await home.creds("proxy", "--port", "21377", environment: environment)
            #expect(failed.exitCode == 1)
            #expect(failed.errors.hasPrefix("creds: error: \(problem)\n"))
            #expect(failed.output.hasPrefix("unset AWS_BEARER_TOKEN_BEDROCK "))
        }
    }

    @Test(arguments: [("", true), ("localhost, 127.0.0.1", false)])
    func `it says when tools would take what is for it elsewhere`(exceptions: String, warns: Bool) async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            var environment = ["HTTP_PROXY": "http://u:p@proxy.example:3128", "NO_PROXY": exceptions]
            environment["AWS_REGION"] = "eu-west-1"
            let script = #"eval "$("$0" proxy --parent $$ &)""#
            let outcome = try await Program("/bin/bash", environment: home.environment.merging(environment) { $1 })
                .run(["-c", script, Checkout.program("creds")])
            let warning = "creds: warning: tools may send what is for 127.0.0.1 to the proxy of HTTP_PROXY\n"
            #expect(outcome.errors.contains(warning) == warns)
            #expect(!outcome.errors.contains("u:p"))
        }
    }

    @Test(arguments: [
        ("", "no region is set, and a token works in one only"),
        ("us-$(id)", "AWS_REGION is not the name of a region: \"us-$(id)\""),
    ])
    func `without a region there is no proxy`(region: String, problem: String) async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            let failed = try await home.creds("proxy", environment: ["AWS_REGION": region])
            #expect(failed.errors.hasPrefix("creds: error: \(problem)\n"))
        }
    }

    private struct Echo: Decodable {
        let key: String
        let region: String
        let expires: String
        let length: Int
        let sha256: String
        let headers: [String]
    }

    private static let client = """
        import http.client, os, sys, urllib.request
        def ask(model):
            connection = http.client.HTTPConnection(os.environ["AWS_ENDPOINT_URL_BEDROCK_RUNTIME"].split("/")[2])
            bearer = {"Authorization": "Bearer " + os.environ["AWS_BEARER_TOKEN_BEDROCK"]}
            connection.request("POST", f"/model/{model}/converse-stream", body=b"{}", headers=bearer)
            return connection.getresponse()

        """

    private func withProxy(
        _ options: [String] = [],
        answers: [FakeBursar.Answer] = [.hour],
        body: (ServedEndpoint, ChildServer) async throws -> Void
    ) async throws {
        try await FakeBedrock.run { bedrock in
            try await FakeBursar.run(answers[0], answers[answers.count - 1], home: home) { server in
                _ = try await server.install("--region", "eu-west-1")
                let environment = ["AWS_ENDPOINT_URL_BEDROCK_RUNTIME": bedrock.url]
                try await ServedEndpoint.run(home, ["proxy"] + options, environment: environment) { proxy in
                    try await body(proxy, bedrock)
                }
            }
        }
    }

    private func curl(_ proxy: ServedEndpoint, _ options: [String], _ path: String) async throws -> Program.Outcome {
        try await Program("/usr/bin/curl").run(arguments(proxy, options, path))
    }

    /// With the right bearer token, unless `options` override it.
    private func arguments(_ proxy: ServedEndpoint, _ options: [String], _ path: String) -> [String] {
        let bearer = "Authorization: Bearer \(proxy.variables["AWS_BEARER_TOKEN_BEDROCK"] ?? "")"
        let own = options.contains { $0.hasPrefix("Authorization:") } ? [] : ["-H", bearer]
        return ["-s"] + own + options + [(proxy.variables["AWS_ENDPOINT_URL_BEDROCK_RUNTIME"] ?? "") + path]
    }
}
