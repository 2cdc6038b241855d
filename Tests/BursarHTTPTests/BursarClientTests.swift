import BursarHTTP
import BursarModel
import TestSupport
import Testing

/// Responses of a server, and of peers that respond in its place, as a researcher's program reads them.
struct BursarClientTests {
    private let transport = HTTPTransport(environment: [:])
    private let key = Secret("bursar_hidden")

    @Test func `credentials are asked for with the key, and read`() async throws {
        let credentials = try await client("") { try await $0.credentials(key: key) }
        #expect(credentials.accessKeyID == "ASIAEXAMPLE000000001")
        #expect(Timestamp.string(credentials.expiration) == "2026-01-01T00:00:00Z")
    }

    @Test func `the server says who asks`() async throws {
        let answer = try await client("") { try await $0.whoami(key: key) }
        #expect(answer.researcher == "ada")
    }

    @Test func `a refusal keeps its word and its sentence`() async throws {
        let fault = try await fault("/refusing")
        guard case .refused(let refusal) = fault else {
            Issue.record("\(String(describing: fault))")
            return
        }
        #expect(refusal.status == 401)
        #expect(refusal.reason == .keyRevoked)
        #expect(refusal.message == ErrorCode.keyRevoked.message)
        #expect(refusal.retryAfter == nil)
        #expect(refusal.requestID == "r")
    }

    @Test func `a refusal from a newer server is read, its odd sentence dropped`() async throws {
        let refusal = BursarClientError.ServerRefusal(
            status: 503,
            code: "from_the_future",
            message: nil,
            retryAfter: .seconds(7),
            requestID: "r"
        )
        #expect(try await fault("/busy") == .refused(refusal))
        #expect(refusal.reason == nil)
    }

    @Test func `a redirect is reported, and the key goes nowhere else`() async throws {
        try await Peers.http { peer in
            let server = try ServerURL(parsing: peer.url + "/moved")
            let client = BursarClient(server: server, transport: transport, limits: .patient())
            await #expect(throws: BursarClientError.redirected(status: 302)) { try await client.credentials(key: key) }
            #expect(try await count(peer, transport).requests == 2)
        }
    }

    @Test(arguments: [("/html", 200), ("/empty", 200), ("/gateway", 502)])
    func `another service in the server's place is recognized`(prefix: String, status: Int) async throws {
        #expect(try await fault(prefix) == .notBursar(status: status))
    }

    @Test(arguments: ["/html", "/shouting"])
    func `whoami is shown only when every word is printable`(prefix: String) async throws {
        await #expect(throws: BursarClientError.notBursar(status: 200)) {
            try await client(prefix) { try await $0.whoami(key: key) }
        }
    }

    @Test func `a server that is not there is a fault of the transport`() async throws {
        let server = try ServerURL(parsing: "https://nobody.invalid")
        let client = BursarClient(server: server, transport: transport, limits: .patient())
        do {
            _ = try await client.credentials(key: key)
            Issue.record("there is an answer")
        } catch BursarClientError.fault(.unresolved(let detail, .server)) {
            #expect(!detail.contains("nobody"))
        }
    }

    @Test func `a key that is no header value is refused without being told`() async throws {
        let key = Secret("hidden\r\nX-Injected: yes")
        await #expect {
            try await client("") { try await $0.credentials(key: key) }
        } throws: { error in
            guard case BursarClientError.fault(.invalidRequest) = error else { return false }
            return !"\(error) \(String(reflecting: error))".contains("hidden")
        }
    }

    private func fault(_ prefix: String) async throws -> BursarClientError? {
        try await client(prefix) { client in
            do {
                _ = try await client.credentials(key: key)
                return nil
            } catch let fault as BursarClientError {
                return fault
            }
        }
    }

    private func client<Result: Sendable>(
        _ prefix: String,
        _ body: (BursarClient) async throws -> Result
    ) async throws -> Result {
        try await Peers.http { peer in
            let server = try ServerURL(parsing: peer.url + prefix)
            return try await body(BursarClient(server: server, transport: transport, limits: .patient()))
        }
    }
}
