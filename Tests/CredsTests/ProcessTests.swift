import BursarFoundation
import BursarModel
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// `creds process`, as built, against a server on loopback.
struct ProcessTests {
    let home: Home

    init() throws {
        home = try Home()
    }

    @Test func `it prints one line of JSON with an end in Z, and asks once for many runs`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            let first = try await home.creds("process")
            #expect(first.isSuccess)
            #expect(first.errors.isEmpty)
            #expect(first.output.hasPrefix(#"{"Version":1,"AccessKeyId":"ASIAEXAMPLE0000000001","#))
            #expect(first.output.hasSuffix("Z\"}\n"))
            _ = try ProcessOutput(parsing: Data(first.output.utf8))
            #expect(try await home.creds("process", "--profile", "temp-bedrock").output == first.output)
            #expect(try await home.creds("process", "--profile=temp-bedrock").output == first.output)
            #expect(server.asked == 1)
        }
    }

    /// The server's response, the message, and the number of requests.
    @Test(arguments: [
        (FakeBursar.Answer.html, "SERVER did not answer as a Bursar server does (status 200)", 1),
        (.list, "SERVER did not answer as a Bursar server does (status 200)", 1),
        (.incomplete, "SERVER did not answer as a Bursar server does (status 200)", 1),
        (.redirect, "SERVER redirects elsewhere (status 302); the key was not sent on", 1),
        (.expired, "SERVER sent credentials that have ended already", 1),
        (.week, "SERVER sent credentials that live longer than AWS allows", 1),
        (.revoked, "this key was revoked (key_revoked)", 1),
        (.address, "this key may not be used from your address (address_refused)", 1),
        (.limited, "too many requests with this key (rate_limited)", 3),
        (.broken, "something failed here (internal)", 3),
        (.gateway, "SERVER did not answer as a Bursar server does (status 502)", 3),
        (.evil, "this key was revoked (key_revoked)", 1),
    ])
    func `a useless answer is one line and a hint`(answer: FakeBursar.Answer, said: String, asked: Int) async throws {
        try await FakeBursar.run(answer, home: home) { server in
            _ = try await server.install()
            let failed = try await home.creds("process")
            #expect(failed.exitCode == 1)
            #expect(failed.output.isEmpty)
            let lines = failed.errors.split(separator: "\n")
            let said = said.replacing("SERVER", with: server.url)
            #expect(lines.first == "creds: error: \(said)")
            #expect(lines.count == 2 && lines[1].hasPrefix("creds: hint: "))
            #expect(!failed.errors.contains(Home.key) && !failed.errors.contains("\u{1B}"))
            #expect(server.asked == asked)
            #expect(server.strays == 0)
            let lastError = home.files.first { $0.hasSuffix(".error") }
            #expect(lastError.flatMap { home.text($0) }?.contains(said) == true)
        }
    }

    @Test(arguments: [FakeBursar.Answer.broken, .limited, .gateway])
    func `a fault that passes is not seen`(fault: FakeBursar.Answer) async throws {
        try await FakeBursar.run(fault, .hour, home: home) { server in
            _ = try await server.install()
            let output = try await home.creds("process")
            #expect(output.isSuccess)
            #expect(output.errors.isEmpty)
            #expect(server.asked == 2)
        }
    }

    @Test(arguments: ["[]", "null", "\"s\"", "{\"Expiration\":5}", ""])
    func `a broken cache is fetched again`(content: String) async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            _ = try await home.creds("process")
            let cache = try #require(home.files.first { $0.hasPrefix(".cache") && $0.hasSuffix(".json") })
            try home.write(content, to: cache)
            #expect(try await home.creds("process").isSuccess)
            #expect(server.asked == 2)
        }
    }

    @Test func `credentials that can't be written are no success, from the cache or not`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            for _ in 0..<2 {
                let script = "exec '\(Checkout.program("creds"))' process >/dev/full"
                let failed = try await Program("/bin/sh", environment: home.environment).run(["-c", script])
                #expect(failed.exitCode == 1)
                #expect(failed.errors == "creds: error: the output could not be written\n")
            }
            #expect(server.asked == 1)
        }
    }

    @Test func `a profile that others may read is not used`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            let profile = ".config/bursar/temp-bedrock.json"
            try home.write(try #require(home.text(profile)), to: profile, mode: 0o644)
            let refused = try await home.creds("process")
            #expect(refused.exitCode == 1)
            #expect(refused.errors.contains("creds: hint: chmod 600 '"))
            #expect(server.asked == 0)
        }
    }

    @Test func `a profile that isn't installed says how to install it`() async throws {
        let refused = try await home.creds("process", "--profile", "other")
        #expect(refused.exitCode == 1)
        #expect(
            refused.errors == """
                creds: error: profile other is not installed
                creds: hint: run creds install --url URL --profile other

                """
        )
    }

    @Test func `a hundred at once make one vend`() async throws {
        try await FakeBursar.run(.broken, .slow, home: home) { server in
            _ = try await server.install()
            let outcomes = try await withThrowingTaskGroup(of: Program.Outcome.self) { group in
                for _ in 0..<100 {
                    group.addTask { try await home.creds("process") }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.count { $0.isSuccess } == 100)
            #expect(Set(outcomes.map(\.output)).count == 1)
            #expect(server.asked == 2)
        }
    }

    @Test func `who was killed while asking doesn't keep the others waiting`() async throws {
        try await FakeBursar.run(.endless, .hour, home: home) { server in
            _ = try await server.install()
            let killed = try await Subprocess.run(
                .path(FilePath(Checkout.program("creds"))),
                arguments: ["process"],
                environment: .custom(["HOME": home.path.string]),
                input: .none,
                output: .sequence,
                error: .discarded
            ) { child in
                for await line in server.lines where line == "asked" { break }
                try child.send(signal: .kill)
            }
            #expect(killed.terminationStatus == .signaled(9))
            #expect(try await home.creds("process").isSuccess)
            #expect(server.asked == 2)
        }
    }
}

/// A round of each kind of `Scripts/stampede`, and some warm calls; longer runs are started by hand.
struct StampedeTests {
    @Test func `a hundred cold processes make one vend, whatever happens to the one that asks`() async throws {
        let home = try Home()
        let script = Checkout.root + "Scripts/stampede"
        let ran = try await Program("/usr/bin/env", environment: home.environment)
            .run(["python3", script, "1", "300", Checkout.program("creds")])
        #expect(ran.isSuccess, "\(ran.errors)")
        #expect(ran.output.split(separator: "\n").count == 4)
    }
}
