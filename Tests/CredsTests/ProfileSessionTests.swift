import TestSupport
import Testing

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
