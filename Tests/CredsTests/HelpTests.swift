import TestSupport
import Testing

/// The help of `creds`.
struct HelpTests {
    let home: Home

    init() throws {
        home = try Home()
    }

    @Test func `every command is one line, in a group`() async throws {
        let lines = try await help().split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex { $0.hasSuffix(" SUBCOMMANDS:") })
        let list = lines[start...].prefix { !$0.contains("See 'creds help") }
        #expect(list.allSatisfy { $0.utf8.count <= 80 })
        #expect(list.count { $0.hasSuffix(" SUBCOMMANDS:") } == 4)
        #expect(!list.contains { $0.hasPrefix("   ") && !$0.allSatisfy { $0 == " " } })
    }

    @Test func `every command shows how it is used`() async throws {
        let names = try await help().split(separator: "\n").drop { !$0.hasSuffix(" SUBCOMMANDS:") }
            .filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") && !$0.contains("See ") }
            .compactMap { $0.split(separator: " ").first.map(String.init) }
        #expect(names.count > 10)
        for name in names {
            let text = try await help(name).prefix { $0 != "\u{0}" }
            let discussion = text.split(separator: "USAGE:").first ?? ""
            #expect(discussion.contains("creds \(name)"), "\(name) has no example")
        }
    }

    /// The command, and words of its JSON that scripts may rely on.
    @Test(arguments: [
        ("doctor", ["check", "state", "message", "fix"]),
        ("status", ["profile", "server", "session", "accessKeyID", "expiration", "secondsLeft", "lastError"]),
        ("whoami", ["researcher", "keyID", "keyExpires", "address"]),
        ("show-token", ["accessKeyID", "region", "start", "latestEnd", "secondsLeft", "isOfSession"]),
        ("models", ["id", "arn", "kind", "provider", "name", "status", "isInvoked"]),
    ])
    func `the fields of JSON are documented`(command: String, fields: [String]) async throws {
        let text = try await help(command)
        for field in fields { #expect(text.contains("\"\(field)\""), "\(field)") }
    }

    private func help(_ words: String...) async throws -> String {
        let outcome = try await Program(Checkout.program("creds"), environment: home.environment).run(["help"] + words)
        #expect(outcome.isSuccess)
        return outcome.output
    }
}
