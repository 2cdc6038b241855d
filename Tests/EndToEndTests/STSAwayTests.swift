import TestSupport
import Testing

/// STS hanging or failing under many keys: it is not flooded, clients get an early error, and valid credentials stay in
/// use.
@Suite struct STSAwayTests {
    private func settings(_ sts: MisbehavingSTS) -> [String: String] {
        let freely = ["BURSAR_RATE": "10000", "BURSAR_SESSION_TAGS": "yes"]
        return sts.settings.merging(freely) { $1 }
    }

    @Test func `two hundred requests of twenty keys make at most one call for each while STS hangs`() async throws {
        let world = try World()
        _ = try await world.onboardAda()
        let keys = try await world.keysFile(count: 20)
        try await world.withMisbehavingSTS { sts in
            try await sts.set("hang")
            try await world.serve(settings(sts)) { server in
                // Keys that are verified: only the session is left of a vend.
                _ = try await world.crowd(of: 20, at: server.url, keys: keys, path: "/whoami")
                let crowd = try await world.crowd(of: 200, at: server.url, keys: keys)
                #expect(crowd.outcomes == ["503 aws_unavailable": 200])
                #expect(crowd.retryAfter == 200)
                // Helpers in the field give up after 5 s.
                #expect(crowd.slowest < 5)
                #expect(try await sts.callsPerKey() == 1)
                #expect(try await sts.calls() <= 20)
            }
        }
    }

    @Test(arguments: ["fail", "throttle", "hang"])
    func `an STS that is away is asked seldom, and again once it is back`(_ mode: String) async throws {
        let world = try World()
        _ = try await world.onboardAda()
        let keys = try await world.keysFile(count: 20)
        try await world.withMisbehavingSTS { sts in
            try await sts.set(mode)
            try await world.serve(settings(sts)) { server in
                _ = try await world.crowd(of: 200, at: server.url, keys: keys)
                let before = try await sts.calls()
                let clock = ContinuousClock()
                let end = clock.now + .seconds(4)
                var refused = 0
                while clock.now < end {
                    refused += try await world.crowd(of: 200, at: server.url, keys: keys).outcomes.values.reduce(0, +)
                }
                let calls = try await sts.calls() - before
                #expect(refused >= 400)
                // 200 ms, then twice as long each time, and a retry each.
                #expect(calls <= 12)
                try await sts.set("ok")
                try await world.wait(for: "STS to be asked again") {
                    try await world.crowd(of: 20, at: server.url, keys: keys).outcomes == ["200": 20]
                }
            }
        }
    }
}
