import BursarFoundation
import BursarHTTP
import BursarModel
import TestSupport
import Testing

/// Limits on the built server: rate, quota, expiry of a key, pause.
@Suite struct LimitTests {
    private static let simulated = ["BURSAR_ISSUER": "simulated"]

    /// The statuses of `count` concurrent requests.
    private func statuses(
        _ count: Int,
        _ url: String,
        _ world: World,
        _ key: ResearcherKey
    ) async throws -> [Int: Int] {
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<count {
                group.addTask { try await world.get(url, key: key.text).status }
            }
            return try await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        }
    }

    /// A header with a whole number.
    private func number(_ name: String, of answer: HTTPClientResponse) throws -> Int {
        try #require(answer.header(name).flatMap { Int($0) }, "\(name) is a whole number")
    }

    @Test func `past its rate a key gets a Retry-After, and another key is served`() async throws {
        let world = try World()
        let key = try await world.onboardAda()
        let other = try await world.issueKey("--label other")
        let settings = Self.simulated.merging(["BURSAR_RATE": "1", "BURSAR_BURST": "3"]) { $1 }
        try await world.serve(settings) { server in
            let url = server.url + "/credentials"
            // The first verifies the key, so that those that follow come at once.
            let first = try await world.get(url, key: key.text)
            #expect(first.status == 200)
            let found = try await statuses(20, url, world, key)
            #expect(try #require(found[429]) >= 14)
            #expect(found[200, default: 0] + found[429, default: 0] == 20)
            _ = try await statuses(5, url, world, key)
            let refused = try await world.get(url, key: key.text)
            #expect(refused.status == 429)
            #expect(try JSONDecoder().decode(ErrorResponse.self, from: refused.body).error == "rate_limited")
            #expect(try number("Retry-After", of: refused) == 1)
            #expect(try number("RateLimit-Limit", of: refused) == 3)
            #expect(try number("RateLimit-Remaining", of: refused) == 0)
            #expect(try number("RateLimit-Reset", of: refused) == 1)
            #expect(try await world.refusal(url, key: other.text) == nil)
            try await Waiting.until("the rate") { try await world.refusal(url, key: key.text) == nil }
        }
    }

    @Test func `a key's own rate and the whole server's hold as well`() async throws {
        let world = try World()
        _ = try await world.onboardAda()
        let fast = try await world.issueKey("--rate 1000")
        let settings = Self.simulated.merging(["BURSAR_RATE": "1", "BURSAR_BURST": "1"]) { $1 }
        try await world.serve(settings) { server in
            let found = try await statuses(30, server.url + "/credentials", world, fast)
            #expect(found == [200: 30])
        }
        let total = Self.simulated.merging(["BURSAR_TOTAL_RATE": "1"]) { $1 }
        try await world.serve(total) { server in
            _ = try await world.get(server.url + "/credentials", key: fast.text)
            let found = try await statuses(30, server.url + "/credentials", world, fast)
            #expect(try #require(found[429]) > 20)
        }
    }

    @Test func `two hundred at once with ten left give ten, and a restart gives none`() async throws {
        let world = try World()
        _ = try await world.onboardAda()
        let key = try await world.issueKey("--daily-limit 13 --rate 1000")
        try await world.serve(Self.simulated) { server in
            for left in [12, 11, 10] {
                let answer = try await world.get(server.url + "/credentials", key: key.text)
                #expect(answer.status == 200)
                #expect(try number("RateLimit-Limit", of: answer) == 13)
                #expect(try number("RateLimit-Remaining", of: answer) == left)
                #expect((1...86_400).contains(try number("RateLimit-Reset", of: answer)))
            }
        }
        // The remaining ten are counted by another process than the one that gave three.
        try await world.serve(Self.simulated) { server in
            let found = try await statuses(200, server.url + "/credentials", world, key)
            #expect(found == [200: 10, 429: 190])
        }
        try await world.serve(Self.simulated) { server in
            let refused = try await world.get(server.url + "/credentials", key: key.text)
            #expect(refused.status == 429)
            #expect(try JSONDecoder().decode(ErrorResponse.self, from: refused.body).error == "quota_exhausted")
            #expect(try number("Retry-After", of: refused) == number("RateLimit-Reset", of: refused))
            #expect(try number("RateLimit-Remaining", of: refused) == 0)
            #expect(try await world.refusal(server.url + "/token", key: key.text) == "region_refused")
            let whoAmI = try await world.get(server.url + "/whoami", key: key.text)
            let answer = try JSONDecoder().decode(WhoAmIResponse.self, from: whoAmI.body)
            #expect(answer.dailyLimit == 13)
            #expect(answer.usedToday == 13)
        }
        #expect(try await world.records("vend").count == 13)
    }

    @Test func `a key that ends while it is served is refused from then on`() async throws {
        let world = try World()
        _ = try await world.onboardAda()
        let brief = try await world.issueKey("--expires 4s")
        try await world.serve(Self.simulated) { server in
            let url = server.url + "/credentials"
            let first = try await world.get(url, key: brief.text)
            if first.status == 200 {
                let output = try ProcessOutput(parsing: first.body)
                #expect(output.credentials.expiration.timeIntervalSinceNow <= 4)
            }
            try await Waiting.until("the key's end") {
                try await world.refusal(url, key: brief.text) == "key_expired"
            }
            #expect(try await world.get(url, key: brief.text).status == 401)
        }
    }

    @Test func `a pause stops every key soon, and nothing follows it in the record`() async throws {
        let world = try World()
        let key = try await world.onboardAda()
        try await world.serve(Self.simulated.merging(["BURSAR_RATE": "10000"]) { $1 }) { server in
            let url = server.url + "/credentials"
            let before = try await world.refusal(url, key: key.text)
            #expect(before == nil)
            // Clients that send requests without a pause, until they are stopped.
            async let callers: Void = withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        try await Waiting.until("the pause") {
                            try await world.refusal(url, key: key.text) == "paused"
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await succeeded(world.admin("vending pause --yes"))
            try await callers
            let answer = try await world.get(url, key: key.text)
            #expect(answer.status == 503)
            #expect(try number("Retry-After", of: answer) == 60)
            // A commit may know of it before the next read of the revision.
            try await Waiting.until("readiness") { try await world.get(server.url + "/readyz").status == 503 }
            #expect(try await world.get(server.url + "/whoami", key: key.text).status == 200)
            let records = try await world.records().map(\.kind)
            let pause = try #require(records.firstIndex(of: "vending_paused"))
            #expect(!records[pause...].contains("vend"))
            try await succeeded(world.admin("vending resume"))
            try await Waiting.until("vends") { try await world.refusal(url, key: key.text) == nil }
        }
        let kinds = try await world.records().map(\.kind)
        #expect(kinds.last { $0 != "refusal" } == "vend")
        #expect(kinds.filter { $0.hasPrefix("vending_") } == ["vending_paused", "vending_resumed"])
    }
}
