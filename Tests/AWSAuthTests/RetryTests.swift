import AWSTestSupport
import BursarFoundation
import BursarHTTP
import BursarModel
import Synchronization
import Testing

@testable import AWSAuth

struct RetryTests {
    static let identity = """
        <GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::1:user/a</Arn><UserId>AIDA</UserId>
        <Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>
        """

    func client(_ world: Recorded, chance: Double = 1) throws -> STSClient {
        try STSClient(
            region: "us-east-1",
            credentials: StaticCredentials(.example),
            endpoints: EndpointResolver(environment: [:]),
            clientContext: world.clientContext(chance: chance)
        )
    }

    static func refusal(_ status: Int, _ code: String, _ headers: [(name: String, value: String)] = [])
        -> Recorded.Answer
    {
        .init(
            status: status,
            headers: headers,
            body: "<ErrorResponse><Error><Code>\(code)</Code></Error></ErrorResponse>"
        )
    }

    @Test(arguments: [
        refusal(500, "InternalFailure"), refusal(503, "ServiceUnavailable"), refusal(400, "Throttling"),
        refusal(429, "Whatever"), refusal(400, "RequestTimeout"), .init(status: 502, body: "<html>"),
        .init(fault: .timedOut), .init(fault: .unreachable(detail: "")), .init(fault: .broken(detail: "")),
    ])
    func `what may pass is tried again`(first: Recorded.Answer) async throws {
        let world = Recorded(first, first, .init(body: Self.identity))
        _ = try await client(world).callerIdentity()
        #expect(world.requests.count == 3)
        #expect(world.waited == [.seconds(1), .seconds(2)])
    }

    @Test(arguments: [
        refusal(403, "AccessDenied"), refusal(400, "ValidationError"), refusal(501, "NotImplemented"),
        .init(fault: .untrusted(detail: "")), .init(fault: .invalidRequest(detail: "")),
    ])
    func `a refusal for cause isn't tried again`(first: Recorded.Answer) async throws {
        let world = Recorded(first, .init(body: Self.identity))
        await #expect(throws: AWSError.self) { try await client(world).callerIdentity() }
        #expect(world.requests.count == 1)
    }

    @Test func `three tries are the end`() async throws {
        let again = Self.refusal(503, "SlowDown")
        let world = Recorded(again, again, again, .init(body: Self.identity))
        let error = await #expect(throws: AWSError.self) { try await client(world).callerIdentity() }
        #expect(world.requests.count == 3)
        #expect(error?.isRetryable == true)
    }

    @Test(arguments: [
        ("3", Duration.seconds(3.5)), ("0", .seconds(0.5)), ("Fri, 02 Jan 2026 03:04:12 GMT", .seconds(7.5)),
    ])
    func `Retry-After is kept to`(value: String, pause: Duration) async throws {
        let world = Recorded(Self.refusal(503, "SlowDown", [("Retry-After", value)]), .init(body: Self.identity))
        _ = try await client(world, chance: 0.5).callerIdentity()
        #expect(world.waited == [pause])
    }

    @Test func `a service that wants too long a pause isn't waited for`() async throws {
        let world = Recorded(Self.refusal(503, "SlowDown", [("Retry-After", "3600")]), .init(body: Self.identity))
        await #expect(throws: AWSError.self) { try await client(world).callerIdentity() }
        #expect(world.requests.count == 1)
    }

    @Test func `no try begins after the deadline`() async throws {
        let world = Recorded(Self.refusal(503, "SlowDown"), .init(body: Self.identity))
        let clock = Mutex(Recorded.date)
        let clientContext = world.clientContext {
            clock.withLock { date in
                date.addTimeInterval(20)
                return date
            }
        }
        let client = try STSClient(
            region: "us-east-1",
            credentials: StaticCredentials(.example),
            endpoints: EndpointResolver(environment: [:]),
            clientContext: clientContext
        )
        await #expect(throws: AWSError.self) { try await client.callerIdentity() }
        #expect(world.requests.count == 1)
    }

    @Test func `a wrong clock is corrected once, for later calls too`() async throws {
        let world = Recorded(
            Self.refusal(403, "SignatureDoesNotMatch", [("Date", "Fri, 02 Jan 2026 05:04:05 GMT")]),
            .init(body: Self.identity),
            .init(body: Self.identity)
        )
        let client = try client(world)
        _ = try await client.callerIdentity()
        _ = try await client.callerIdentity()
        let dates = world.requests.map { request in request.headers.first { $0.name == "X-Amz-Date" }?.value }
        #expect(dates == ["20260102T030405Z", "20260102T050405Z", "20260102T050405Z"])
        #expect(world.waited.isEmpty)
    }

    @Test(arguments: ["Fri, 02 Jan 2026 03:05:05 GMT", "yesterday", "Fri, 99 Jan 2026 03:05:05 GMT"])
    func `a refused signature with the right clock is an error at once`(date: String) async throws {
        let world = Recorded(Self.refusal(403, "SignatureDoesNotMatch", [("Date", date)]), .init(body: Self.identity))
        await #expect(throws: AWSError.self) { try await client(world).callerIdentity() }
        #expect(world.requests.count == 1)
    }

    @Test func `a clock that AWS calls wrong twice is an error`() async throws {
        let world = Recorded(
            Self.refusal(403, "RequestTimeTooSkewed", [("Date", "Fri, 02 Jan 2026 05:04:05 GMT")]),
            Self.refusal(403, "RequestTimeTooSkewed", [("Date", "Fri, 02 Jan 2026 07:04:05 GMT")]),
            .init(body: Self.identity)
        )
        await #expect(throws: AWSError.self) { try await client(world).callerIdentity() }
        #expect(world.requests.count == 2)
    }

    @Test func `a refresh token is sent once, as it may be used up`() async throws {
        let world = Recorded(.init(fault: .timedOut), .init(body: "{}"))
        let client = try SSOOIDCClient(
            region: "us-east-1",
            endpoints: EndpointResolver(environment: [:]),
            clientContext: world.clientContext()
        )
        await #expect(throws: AWSError.transport(service: .ssoOIDC, .timedOut)) {
            try await client.createToken(refreshToken: Secret("r"), clientID: "c", clientSecret: Secret("s"))
        }
        #expect(world.requests.count == 1)
    }
}
