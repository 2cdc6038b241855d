import BursarFoundation
import BursarHTTP
import BursarModel
import TestSupport
import Testing

/// A canary key, presented to a running server.
@Suite struct CanaryTests {
    @Test func `a canary is answered as a wrong key is, and raises the alarm everywhere`() async throws {
        let world = try World()
        let key = try await world.onboardAda()
        let canary = try ResearcherKey(
            parsing: try await succeeded(world.admin("keys canary ada --label decoy")).output
        )
        try await world.serve(["BURSAR_ISSUER": "simulated"]) { server in
            let url = server.url + "/credentials"
            let wrong = try await world.get(url, key: Secret(Self.forged(canary)))
            let found = try await world.get(url, key: canary.text)
            #expect(found.status == 401 && found.status == wrong.status)
            #expect(try Self.error(found.body) == "key_invalid" && Self.error(wrong.body) == "key_invalid")
            #expect(try Self.message(found.body) == Self.message(wrong.body))
            #expect(Set(found.headers.map(\.name)) == Set(wrong.headers.map(\.name)))
            #expect(try await world.refusal(server.url + "/whoami", key: canary.text) == "key_invalid")
            #expect(try await world.refusal(url, key: key.text) == nil)
            server.stop()
            var alarms = 0
            for await line in server.lines where line.contains("canary used") {
                alarms += 1
                #expect(line.contains("error") && line.contains(canary.id.description) && line.contains("127.0.0.1"))
                #expect(!line.contains(canary.text.reveal()))
            }
            #expect(alarms == 2)
        }
        #expect(try await world.records("canary_used").map(\.address) == ["127.0.0.1"])
        #expect(try await world.number("SELECT count FROM usage_daily WHERE outcome = 'canary_used'") == 2)
        try await world.verifyChain()
    }

    /// Another secret with the same id and a valid checksum.
    private static func forged(_ key: ResearcherKey) -> String {
        var text = String(key.text.reveal().dropLast(6))
        let last = text.removeLast()
        text.append(last == "A" ? "B" : "A")
        let checksum = CRC32.checksum(text.utf8)
        let bytes = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: checksum >> $0) }
        return text + Base62.encode(bytes, length: 6)
    }

    private static func error(_ body: Data) throws -> String {
        try JSONDecoder().decode(ErrorResponse.self, from: body).error
    }

    private static func message(_ body: Data) throws -> String {
        try JSONDecoder().decode(ErrorResponse.self, from: body).message
    }
}
