import TestSupport
import Testing

/// STS hanging or failing under many keys: it is not flooded, clients get an early error, and valid credentials stay in
/// use.
@Suite struct STSAwayTests {
    private func settings(_ sts: MisbehavingSTS) -> [String: String] {
        let freely = ["BURSAR_RATE": "10000", "BURSAR_SESSION_TAGS": "yes"]
        return sts.settings.merging(freely) { $1 }
    }

    /// The attempts with pauses of half of 200 ms at least, then twice as long each time up to half of 15 s.
    private static func mostAttempts(in time: Duration) -> Int {
        var attempts = 1
        var pause = Duration.milliseconds(100)
        var next = Duration.zero
        while next <= time {
            attempts += 1
            next += pause
            pause = min(pause * 2, .milliseconds(7500))
        }
        return attempts
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
                let start = clock.now
                let end = start + .seconds(4)
                var refused = 0
                while clock.now < end || refused < 400 {
                    refused += try await world.crowd(of: 200, at: server.url, keys: keys).outcomes.values.reduce(0, +)
                }
                let calls = try await sts.calls() - before
                // A retry each.
                #expect(calls <= 2 * Self.mostAttempts(in: clock.now - start))
                try await sts.set("ok")
                try await Waiting.until("STS to be asked again") {
                    try await world.crowd(of: 20, at: server.url, keys: keys).outcomes == ["200": 20]
                }
            }
        }
    }
}
