import BursarFoundation
import TestSupport
import Testing

@testable import creds

struct WhoAmITests {
    let home: Home

    init() throws {
        home = try Home()
    }

    @Test func `who one is to the server is one screen`() async throws {
        try await FakeBursar.run(.endingKey, home: home) { server in
            _ = try await server.install()
            let shown = try await home.creds("whoami")
            let end = shown.output.split(separator: "\n").first { $0.hasPrefix("key ends") } ?? ""
            #expect(end.hasPrefix("key ends    in 3d "))
            #expect(
                shown.output == """
                    researcher  ada
                    key         0123456789ab
                    \(end)
                    address     127.0.0.1
                    server      \(server.url)
                    profile     temp-bedrock

                    """
            )
            #expect(shown.errors.isEmpty)
        }
    }

    @Test func `for scripts there is JSON`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            let output = try await home.creds("whoami", "--format", "json").output
            let fields = try JSONDecoder().decode(Identity.Fields.self, from: Data(output.utf8))
            #expect(fields.profile == "temp-bedrock" && fields.server == server.url)
            #expect(fields.researcher == "ada" && fields.keyID == "0123456789ab" && fields.address == "127.0.0.1")
            #expect(fields.keyExpires.hasSuffix("Z"))
        }
    }

    @Test func `a key that the server refuses is an error with its code`() async throws {
        try await FakeBursar.run(.revokedThen, home: home) { server in
            _ = try await server.install()
            let refused = try await home.creds("whoami")
            #expect(refused.exitCode == 1 && refused.output.isEmpty)
            #expect(
                refused.errors == """
                    creds: error: this key was revoked (key_revoked)
                    creds: hint: ask your operator for a new one

                    """
            )
        }
    }
}
