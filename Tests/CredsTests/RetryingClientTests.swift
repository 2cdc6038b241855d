import BursarHTTP
import BursarModel
import Testing

@testable import creds

struct RetryingClientTests {
    let home: Home

    init() throws {
        home = try Home()
    }

    @Test func `a silent server is waited for as long as there is time`() {
        let limits = RetryingClient.limits(within: .seconds(10))
        #expect(limits.total == .seconds(10) && limits.stall == .seconds(10))
        #expect(limits.connect == .seconds(3))
    }

    @Test func `what a server said counts more than that it was too slow the next time`() async throws {
        try await FakeBursar.run(.unavailable, .endless, home: home) { server in
            let fetch = RetryingClient(server: try ServerURL(parsing: server.url), transport: HTTPTransport())
            let fault = await #expect(throws: BursarClientError.self) {
                _ = try await fetch.credentials(key: Secret(Home.key), within: .seconds(4))
            }
            guard case .refused(let refusal) = fault else {
                Issue.record("not a refusal: \(String(describing: fault))")
                return
            }
            #expect(refusal.reason == .awsUnavailable)
        }
    }
}
