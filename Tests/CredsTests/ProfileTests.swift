import TestSupport
import Testing

@testable import creds

/// The names that a profile may have.
struct ProfileNameTests {
    @Test(arguments: ["temp-bedrock", "default", "a", "Team_1.prod@x+y:z%", String(repeating: "n", count: 128)])
    func `these are names that every SDK reads`(name: String) throws {
        #expect(try ProfileName(parsing: name).description == name)
    }

    @Test(arguments: [
        "", " ", "a b", "a]b", "[a", "a\nb", "a\tb", "a\u{1B}b", "\"a\"", "'a'", "a/b", "../a", "a\\b", "élève", "-a",
        "--yes", Home.key, "bursar_", "DEFAULT", "Default", "#a", ";a", "$HOME", String(repeating: "n", count: 129),
    ])
    func `these are refused`(name: String) {
        #expect(throws: ProfileName.ParseError.self) { try ProfileName(parsing: name) }
    }
}

/// The record of failures that SDKs don't show.
struct ProfileSessionTests {
    @Test func `a refresh that fails behind a session that still works is on record`() async throws {
        let home = try Home()
        try await FakeBursar.run(.fiveMinutes, .unavailable, home: home) { server in
            _ = try await server.install()
            _ = try await home.creds("process")
            // The session is due for renewal.
            let cache = try #require(home.files.first { $0.hasPrefix(".cache") && $0.hasSuffix(".json") })
            let text = try #require(home.text(cache))
            try home.write(text.replacing(/"refresh":\d+,"retry":\d+/, with: #""refresh":1,"retry":1"#), to: cache)
            let served = try await home.creds("process")
            #expect(served.isSuccess && served.errors.isEmpty)
            #expect(server.asked > 1)
            let lastError = try #require(home.files.first { $0.hasSuffix(".error") })
            #expect(home.text(lastError)?.contains("(aws_unavailable)") == true)
        }
    }
}

/// `creds` without `HOME`, as in a systemd unit of root's without `User=` and in some batch jobs.
struct HomelessTests {
    @Test(arguments: [["status"], ["process"], ["doctor"]])
    func `without HOME the home folder is the system's`(words: [String]) async throws {
        let profile = "no-such-profile-\(UInt64.random(in: .min ... .max))"
        let outcome = try await Program(Checkout.program("creds"), environment: ["PATH": "/usr/bin:/bin"])
            .run(words + ["--profile", profile])
        #expect(!(outcome.output + outcome.errors).contains("HOME is not set"))
        #expect((outcome.output + outcome.errors).contains("\(profile) is not installed"))
    }

    @Test func `a HOME that is empty is an error, as before`() async throws {
        let outcome = try await Program(Checkout.program("creds"), environment: ["HOME": ""]).run(["process"])
        #expect(outcome.exitCode == 1)
        #expect(outcome.errors.hasPrefix("creds: error: HOME is not set to a folder\n"))
    }
}
