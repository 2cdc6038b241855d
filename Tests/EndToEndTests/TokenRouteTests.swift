import BursarFoundation
import BursarHTTP
import BursarModel
import TestSupport
import Testing

/// `GET /token` on the built server: the token's content, and the refusals.
@Suite struct TokenRouteTests {
    private struct Answer: Decodable {
        let token: String
        let region: String
        let expiration: String
    }

    private struct Shown: Decodable {
        let accessKeyID: String
        let region: String
        let latestEnd: String
        let secondsLeft: Int
        let isOfSession: Bool
    }

    private static let settings = [
        "BURSAR_ISSUER": "simulated", "BURSAR_REGIONS": "eu-central-1,us-east-1", "BURSAR_SESSION_DURATION": "1h",
    ]

    private func token(_ query: String, _ world: World, _ server: ChildServer, _ key: ResearcherKey) async throws
        -> Answer
    {
        let answer = try await world.get(server.url + "/token" + query, key: key.text)
        #expect(answer.status == 200)
        #expect(answer.header("cache-control") == "no-store")
        #expect(answer.header("ratelimit-limit") == "10000")
        return try JSONDecoder().decode(Answer.self, from: answer.body)
    }

    private func shown(_ answer: Answer, _ world: World) async throws -> Shown {
        let outcome = try await succeeded(world.creds("show-token --format json", input: answer.token))
        return try JSONDecoder().decode(Shown.self, from: Data(outcome.output.utf8))
    }

    private func secondsLeft(_ answer: Answer) throws -> Double {
        try #require(Timestamp.date(answer.expiration)).timeIntervalSinceNow
    }

    @Test(arguments: [
        // The requested time, the lifetime, the region.
        ("", 3600, "eu-central-1"), ("?ttl=15m", 900, "eu-central-1"), ("?ttl=900&region=us-east-1", 900, "us-east-1"),
        ("?ttl=12h&region=us-east-1", 3600, "us-east-1"), ("?ttl=1s", 1, "eu-central-1"),
    ])
    func `a token decodes, and its true end is in the response`(_ query: String, _ life: Double, _ region: String)
        async throws
    {
        let world = try World()
        let key = try await world.onboardAda()
        try await world.serve(Self.settings) { server in
            let answer = try await token(query, world, server, key)
            #expect(answer.region == region)
            let left = try secondsLeft(answer)
            #expect(left <= life)
            #expect(left > life - 20)
            let shown = try await shown(answer, world)
            #expect(shown.region == region)
            #expect(shown.isOfSession)
            #expect(shown.accessKeyID.hasPrefix("ASIASIMULATED"))
            // The token's own expiry may be later: it doesn't include its session's.
            let latest = try #require(Timestamp.date(shown.latestEnd))
            let end = try #require(Timestamp.date(answer.expiration))
            #expect(latest >= end)
        }
        let detail = "token \(region)"
        #expect(try await world.records("vend") == [Recorded(kind: "vend", address: "127.0.0.1", detail: detail)])
    }

    @Test func `a token ends with the key that it was made for`() async throws {
        let world = try World()
        _ = try await world.onboardAda()
        let issued = try await succeeded(world.admin("keys issue ada --expires 10m"))
        let key = try ResearcherKey(parsing: issued.output)
        try await world.serve(Self.settings) { server in
            let left = try secondsLeft(try await token("?ttl=12h", world, server, key))
            #expect(left <= 600)
            #expect(left > 500)
        }
    }

    @Test(arguments: [
        ("?region=ap-south-1", 403, "region_refused"), ("?region=", 403, "region_refused"),
        ("?region=us-east-1%0d%0aX:%20y", 403, "region_refused"), ("?ttl=13h", 400, "bad_request"),
        ("?ttl=0", 400, "bad_request"), ("?ttl=-1", 400, "bad_request"), ("?ttl=soon", 400, "bad_request"),
        ("?ttl=15m&ttl=1h", 400, "bad_request"), ("?region=us-east-1&region=eu-central-1", 400, "bad_request"),
        ("?min-left=1d", 400, "bad_request"), ("?min-left=", 400, "bad_request"),
    ])
    func `what isn't offered is refused by name, and no credential leaves`(
        _ query: String,
        _ status: Int,
        _ code: String
    ) async throws {
        let world = try World()
        let key = try await world.onboardAda()
        try await world.serve(Self.settings) { server in
            let answer = try await world.get(server.url + "/token" + query, key: key.text)
            #expect(answer.status == status)
            #expect(try JSONDecoder().decode(ErrorResponse.self, from: answer.body).error == code)
            #expect(!String(decoding: answer.body, as: UTF8.self).contains("ap-south-1"))
        }
        #expect(try await world.records("vend").isEmpty)
    }

    @Test func `min-left asks AWS again once a minute at most, and is served from then on`() async throws {
        let world = try World()
        let key = try await world.onboardAda()
        try await world.withMisbehavingSTS { sts in
            let settings = sts.settings.merging(["BURSAR_REGIONS": "us-east-1"]) { $1 }
            try await world.serve(settings) { server in
                _ = try await token("", world, server, key)
                // More than the session has left, but it was made less than a minute ago.
                for _ in 1...3 { _ = try await token("?min-left=2h", world, server, key) }
                #expect(try await sts.calls() == 1)
            }
        }
    }

    @Test func `without a region the route refuses, and credentials are still served`() async throws {
        let world = try World()
        let key = try await world.onboardAda()
        try await world.serve(["BURSAR_ISSUER": "simulated"]) { server in
            let code = try await world.refusal(server.url + "/token", key: key.text)
            #expect(code == "region_refused")
            #expect(try await world.refusal(server.url + "/credentials", key: key.text) == nil)
        }
    }
}

@Suite struct TokenBytesTests {
    /// Credentials of either kind, lifetimes and regions, all drawn at random for each run.
    @Test(arguments: 0..<12)
    func `creds token prints the bytes that AWS's own generator makes`(_ number: Int) async throws {
        let world = try World()
        var random = SystemRandomNumberGenerator()
        let region = try #require(["us-east-1", "eu-central-1", "us-gov-west-1", "cn-north-1"].randomElement())
        let seconds = Int.random(in: 1...43_200)
        var keys = [
            "AWS_ACCESS_KEY_ID": "AKIA" + Base62.random(length: 16, using: &random).uppercased(),
            "AWS_SECRET_ACCESS_KEY": Base62.random(length: 38, using: &random) + "+/",
        ]
        if number.isMultiple(of: 2) { keys["AWS_SESSION_TOKEN"] = Base62.random(length: 300, using: &random) + "/+==" }
        let creds = Checkout.program("creds")
        let arguments = words("token --from chain --format raw --region \(region) --ttl \(seconds)s")
        let ours = try await succeeded(world.run(creds, arguments, keys))
        let script = Checkout.root + "Tests/EndToEndTests/Peers/same-token.py"
        let theirs = try await world.run(Checkout.peer("python"), [script], keys, input: ours.output)
        #expect(try succeeded(theirs).output == ours.output)
    }
}
