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

/// `creds serve`, as built, with the SDKs that it supports.
struct ServeTests {
    let home: Home

    init() throws {
        home = try Home()
    }

    @Test func `boto3 gets its credentials from it`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            try await ServedEndpoint.run(home) { endpoint in
                let seen = try await endpoint.python(
                    "import boto3; c = boto3.Session().get_credentials(); print(c.method, c.access_key, c.token[:4])"
                )
                #expect(seen.output == "container-role ASIAEXAMPLE0000000001 tttt\n")
            }
            #expect(server.asked == 1)
        }
    }

    @Test func `the AWS CLI gets its credentials from it`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            try await ServedEndpoint.run(home) { endpoint in
                let listed = try await Program(Checkout.peer("aws"), environment: endpoint.variables)
                    .run(["configure", "list"])
                #expect(listed.output.contains("container-role"))
                #expect(listed.output.contains("0001"))
            }
        }
    }

    @Test func `the session is shared with every other creds`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            try await ServedEndpoint.run(home) { endpoint in
                let served = try await endpoint.get()
                let printed = try await home.creds("process")
                #expect(served.output.contains("ASIAEXAMPLE0000000001"))
                #expect(printed.output.contains("ASIAEXAMPLE0000000001"))
            }
            #expect(server.asked == 1)
        }
    }

    @Test func `the answer is as SDKs read it, and nobody keeps it`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            try await ServedEndpoint.run(home) { endpoint in
                let answer = try await endpoint.get("-i").output
                let lines = answer.split(separator: "\r\n").map(String.init)
                #expect(lines.first == "HTTP/1.1 200 OK")
                #expect(lines.contains("Content-Type: application/json"))
                #expect(lines.contains("Cache-Control: no-store"))
                let body = try #require(lines.last)
                #expect(body.hasPrefix(#"{"AccessKeyId":"ASIAEXAMPLE0000000001","SecretAccessKey":"sss"#))
                #expect(body.contains(#"","Token":"ttt"#) && body.hasSuffix(#"Z"}"#))
            }
        }
    }

    @Test(arguments: [
        (["-H", "Authorization: no"], "token_wrong"), (["-H", "Authorization;"], "token_wrong"),
        (["-H", "Host: evil.example"], "host_refused"), (["-H", "Host: 127.0.0.1"], "host_refused"),
        (["-H", "Host: localhost:1"], "host_refused"), (["-H", "Host;"], "host_refused"),
        (["-H", "Origin: http://localhost"], "browser_refused"), (["-H", "Referer: x"], "browser_refused"),
        (["-H", "Sec-Fetch-Site: same-origin"], "browser_refused"), (["-H", "Via: 1.1 x"], "forwarded_refused"),
        (["-H", "X-Forwarded-For: 127.0.0.1"], "forwarded_refused"),
        (["-H", "x-forwarded-host: a"], "forwarded_refused"), (["-H", "Forwarded: for=1"], "forwarded_refused"),
        (["-X", "POST", "-d", "x"], "method_not_allowed"), (["-X", "DELETE"], "method_not_allowed"),
        (["-H", "Authorization: "], "token_missing"),
    ])
    func `what isn't an SDK's own request is refused`(options: [String], code: String) async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            try await ServedEndpoint.run(home) { endpoint in
                let replaced = options.contains { $0.hasPrefix("Authorization") }
                let refused = try await endpoint.curl(options, sendsToken: !replaced)
                #expect(refused.output.hasPrefix(#"{"Code":"\#(code)","Message":""#), "\(refused)")
                #expect(!refused.output.contains("ASIA"))
            }
        }
    }

    @Test(arguments: ["", "/", "/credentials/", "/credentials?a=b", "//credentials", "/x/../credentials"])
    func `other paths are nothing`(path: String) async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            try await ServedEndpoint.run(home) { endpoint in
                let refused = try await endpoint.curl(["--path-as-is"], path: path)
                #expect(refused.output.hasPrefix(#"{"Code":"not_found""#))
            }
        }
    }

    @Test(.enabled(if: geteuid() == 0)) func `another user's process gets no answer, whatever it knows`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            try await ServedEndpoint.run(home) { endpoint in
                let other = ["--reuid=65534", "--clear-groups", "curl", "-s", "-H", "Authorization: \(endpoint.token)"]
                let refused = try await Program("/usr/bin/setpriv").run(other + [endpoint.url])
                #expect(refused.output.isEmpty)
                // "Empty reply", or a reset when the request was on its way.
                #expect([52, 56].contains(refused.exitCode))
                #expect(try await endpoint.get().output.contains("ASIA"))
            }
        }
    }

    @Test func `the token is in a private file without a line end, and the file goes when it stops`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            try await ServedEndpoint.run(home) { endpoint in
                #expect(endpoint.token.utf8.count == 43)
                #expect(endpoint.token.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) })
                let mode = try endpoint.tokenFile.stat().permissions
                #expect(mode == .ownerReadWrite)
            }
            #expect(!home.files.contains { $0.hasSuffix(".token") })
        }
    }

    /// `cat` reads the errors of shell and endpoint, so that it ends when both have.
    @Test(.timeLimit(.minutes(5)))
    func `it ends with the process of --parent, and holds no shell's output open`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            let script = """
                eval "$("$0" serve --parent $$ &)"
                curl -s -H "Authorization: $(cat "$AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")" \
                    "$AWS_CONTAINER_CREDENTIALS_FULL_URI"
                """
            let outer = #"{ /bin/bash -c "$1" "$0" 2>&1 1>&3 3>&- | cat >&2; } 3>&1"#
            let outcome = try await Program("/bin/bash", environment: home.environment)
                .run(["-c", outer, Checkout.program("creds"), script])
            #expect(outcome.output.contains("ASIAEXAMPLE0000000001"))
            #expect(outcome.errors.hasPrefix("creds: serving the credentials of temp-bedrock at http://127.0.0.1:"))
            #expect(!home.files.contains { $0.hasSuffix(".token") })
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `it ends with its parent, though nobody asked how that one ended`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            let script = """
                import subprocess, sys
                parent = subprocess.Popen(["sleep", "1000"])
                serve = [sys.argv[1], "serve", "--parent", str(parent.pid)]
                serve = subprocess.Popen(serve, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
                serve.stdout.read()
                parent.kill()
                print(serve.wait(600))
                """
            let outcome = try await Program("/usr/bin/python3", environment: home.environment)
                .run(["-c", script, Checkout.program("creds")])
            #expect(outcome.output == "0\n", "\(outcome.errors)")
        }
    }

    @Test(.timeLimit(.minutes(5))) func `fish sources it, as the help says`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            let folder = FilePath(Checkout.program("creds")).removingLastComponent()
            let help = try await home.creds("serve", "--help", environment: ["COLUMNS": "200"])
            let line = try #require(help.output.split(separator: "\n").first { $0.contains("| source") })
            let command = try #require(line.split(separator: "fish:").last)
            let script = "\(command); curl -s -H 'Authorization: '(cat $AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE) "
            let environment = home.environment.merging(["PATH": "\(folder):/usr/bin:/bin"]) { $1 }
            let seen = try await Program("/usr/bin/fish", environment: environment)
                .run(["-c", script + "$AWS_CONTAINER_CREDENTIALS_FULL_URI"])
            #expect(seen.output.contains("ASIAEXAMPLE0000000001"), "\(seen.errors)")
        }
    }

    @Test func `without a profile the shell sees a failure, and the old variables go`() async throws {
        let script = #"eval "$("$0" serve &)"; echo "$? ${AWS_CONTAINER_CREDENTIALS_FULL_URI-gone}""#
        var environment = home.environment
        environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "old"
        let failed = try await Program("/bin/bash", environment: environment)
            .run(["-c", script, Checkout.program("creds")])
        #expect(failed.output == "1 gone\n")
        #expect(failed.errors.hasPrefix("creds: error: profile temp-bedrock is not installed\n"))
    }

    @Test func `a port that is taken is reported`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            let port = server.url.split(separator: ":").last.map(String.init) ?? ""
            let failed = try await home.creds("serve", "--port", port)
            #expect(failed.exitCode == 1)
            #expect(failed.errors.hasPrefix("creds: error: port \(port) of 127.0.0.1 can't be had\n"))
        }
    }
}
