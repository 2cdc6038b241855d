import TestSupport
import Testing

/// A misplaced key reaches neither the screen nor any file of creds but the profile.
struct KeyOnScreenTests {
    let home: Home
    private static let secret = Home.key.suffix(49)

    init() throws {
        home = try Home()
    }

    @Test(arguments: [
        (["install", "--url", "https://localhost:1", Home.key], 64),
        (["install", "--url", "https://localhost:1", "--key-file", Home.key], 1),
        (["install", "--url", "https://localhost:1", "--profile", Home.key], 64),
        (["install", "--url", Home.key], 64),
        (["install", "--url", "http://127.0.0.1:1/" + Home.key], 1),
        (["install", "--\(Home.key)"], 64),
        (["process", "--profile", Home.key], 64),
        ([Home.key], 64),
    ])
    func `a key among the arguments is not said back`(arguments: [String], exitCode: Int) async throws {
        let refused = try await Program(Checkout.program("creds"), environment: home.environment)
            .run(arguments, input: Home.key)
        #expect(refused.exitCode == exitCode)
        #expect(!refused.errors.contains(Self.secret) && refused.output.isEmpty)
        #expect(!refused.errors.isEmpty)
        #expect(home.files.isEmpty)
    }

    @Test func `what a server says is dropped when it holds the key`() async throws {
        try await FakeBursar.run(.hour, .echo, home: home) { server in
            _ = try await server.install()
            _ = try await home.creds("process")
            let cache = try #require(home.files.first { $0.hasPrefix(".cache") && $0.hasSuffix(".json") })
            try home.write("", to: cache)
            let failed = try await home.creds("process")
            #expect(failed.exitCode == 1)
            #expect(!failed.errors.contains(Self.secret) && !failed.errors.contains("no good"))
            let lastError = try #require(home.files.first { $0.hasSuffix(".error") }.flatMap { home.text($0) })
            #expect(!lastError.contains(Self.secret) && lastError.contains("key_revoked"))
        }
    }

    @Test func `an identity that holds the key is no answer`() async throws {
        try await FakeBursar.run(.echo, home: home) { server in
            let refused = try await server.install()
            #expect(refused.exitCode == 1)
            #expect(refused.errors.contains("did not answer as a Bursar server does"))
            #expect(!refused.errors.contains(Self.secret))
        }
    }
}
