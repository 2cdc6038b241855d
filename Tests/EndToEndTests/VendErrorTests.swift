import BursarFoundation
import BursarHTTP
import BursarModel
import TestSupport
import Testing

/// Keys without a right to credentials, and operators' mistakes, on the built programs.
@Suite struct VendErrorTests {
    @Test func `each kind of bad key has its code`() async throws {
        let world = try World()
        let key = try await world.onboardAda()
        let brief = try await succeeded(world.admin("keys issue ada --expires 1s"))
        let expired = try ResearcherKey(parsing: brief.output)
        var random = SystemRandomNumberGenerator()
        let unknown = ResearcherKey(using: &random)
        let text = key.text.reveal()
        try await world.serve(["BURSAR_ISSUER": "simulated"]) { server in
            let url = server.url + "/credentials"
            #expect(try await world.refusal(url) == "key_missing")
            #expect(try await world.refusal(url, key: Secret("hello")) == "key_malformed")
            let mistyped = Secret(String(text.dropLast()) + (text.hasSuffix("0") ? "1" : "0"))
            #expect(try await world.refusal(url, key: mistyped) == "key_malformed")
            #expect(try await world.refusal(url, key: unknown.text) == "key_invalid")
            #expect(try await world.refusal(url, key: Self.forged(key)) == "key_invalid")
            #expect(try await world.refusal(url, key: key.text) == nil)
            // Until then its rate limit may apply.
            try await Waiting.until("the key's end") {
                try await world.refusal(url, key: expired.text) == "key_expired"
            }
        }
    }

    /// Another secret under the same id, with a valid checksum.
    private static func forged(_ key: ResearcherKey) -> Secret<String> {
        let body = "bursar_\(key.id)_" + String(repeating: "a", count: 43)
        let checksum = CRC32.checksum(body.utf8)
        let bytes = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: checksum >> UInt32($0)) }
        return Secret(body + Base62.encode(bytes, length: 6))
    }

    @Test(arguments: ["a", "ada lovelace", "ädä", String(repeating: "x", count: 65)])
    func `a handle that STS would refuse is refused, and says what is allowed`(_ handle: String) async throws {
        let world = try World()
        try await succeeded(world.admin("database init"))
        let outcome = try await world.addResearcher(handle)
        #expect(outcome.exitCode == 64)
        #expect(outcome.errors.contains("AWS would refuse it"))
        #expect(outcome.errors.contains("admin: hint: use 2 to 64 letters"))
    }

    @Test func `what an operator mistypes changes nothing`() async throws {
        let world = try World()
        let key = try await world.onboardAda()
        let twice = try await world.addResearcher("ADA")
        #expect(twice.exitCode == 1)
        #expect(twice.errors.contains("already"))
        let nobody = try await world.admin("keys issue nobody")
        #expect(nobody.exitCode == 1)
        #expect(nobody.output.isEmpty)
        #expect(try await world.admin("keys issue ada --expires soon").exitCode == 64)
        #expect(try await world.admin("usage report --since 2026-02-30").errors.contains("not a day"))
        #expect(try await world.admin("usage report --since 2026-02-02 --until 2026-02-01").exitCode == 64)
        #expect(try await world.admin("database init").errors.contains("already"))
        #expect(try await world.admin("keys list --format xml").exitCode == 64)
        let list = try await succeeded(world.admin("keys list --format csv"))
        #expect(list.output.split(whereSeparator: \.isNewline).count == 2)
        #expect(list.output.contains(key.id.description))
    }

    @Test func `a key file is the owner's alone, and an existing file is not overwritten`() async throws {
        let world = try World()
        _ = try await world.onboardAda()
        let path = world.home + "/ada.key"
        let issued = try await succeeded(world.admin("keys issue ada --key-file", path))
        #expect(issued.output.isEmpty)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let first = try String(contentsOfFile: path, encoding: .utf8)
        _ = try ResearcherKey(parsing: first)
        let again = try await world.admin("keys issue ada --key-file", path)
        #expect(again.exitCode == 1)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == first)
    }

    @Test func `admin works on the database that is named, and never makes one by surprise`() async throws {
        let world = try World()
        let path = world.home + "/other.sqlite"
        let missing = try await world.admin("researchers list --database", path)
        #expect(missing.exitCode == 1)
        #expect(missing.errors.contains("admin database init"))
        #expect(!FileManager.default.fileExists(atPath: path))
        try await succeeded(world.admin("database init --database", path))
        #expect(try await succeeded(world.admin("researchers list --database", path)).output.isEmpty)
    }
}
