import BursarFoundation
import BursarModel
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import SQLiteStore
import ServerSettings
import Storage
import SystemPackage
import TestSupport
import Testing
import Vending

@testable import vending_server

/// The production application, on a database of its own, with one researcher and one key.
final class TestServer: Sendable {
    struct ServedResponse {
        let status: Int
        let headers: HTTPFields
        let body: Data

        init(_ response: TestClient.Response) {
            status = response.status.code
            headers = response.headers
            body = Data((response.body ?? ByteBuffer()).readableBytesView)
        }

        var refusal: ErrorCode? {
            (try? JSONDecoder().decode(ErrorResponse.self, from: body)).flatMap { ErrorCode(rawValue: $0.error) }
        }
    }

    let store: Store
    let key: ResearcherKey
    let vending: VendingApplication
    private let folder: TemporaryFolder

    init(
        issuer: any CredentialIssuer = SimulatedIssuer(now: { Date() }),
        terms: ServerTerms = ServerTerms(regions: ["us-east-1"])
    ) throws {
        folder = try TemporaryFolder()
        store = try Store(creating: folder.path.appending("bursar.sqlite").string)
        var random = SystemRandomNumberGenerator()
        key = ResearcherKey(using: &random)
        let ada = try #require(Handle("ada"))
        let now = Date()
        _ = try store.administration.add(
            Researcher(handle: ada, name: "Ada", email: "a@b", project: "engines"),
            by: AuditContext(actor: "test", date: now)
        )
        let hash = try PasswordHash(
            of: key.text,
            parameters: Argon2Parameters(memoryKiB: 64, passes: 1, lanes: 1),
            using: &random
        )
        let end = now.addingTimeInterval(86_400)
        _ = try store.administration.add(
            NewKey(
                id: key.id,
                hash: hash,
                researcher: ada,
                label: nil,
                expires: end
            ),
            by: AuditContext(actor: "test", date: now)
        )
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        vending = try VendingApplication(store: store, issuer: issuer, terms: terms, logger: logger)
    }

    func get(_ path: String, headers: [String: String]? = nil) async throws -> ServedResponse {
        try await send(.get, path, headers: headers)
    }

    func send(_ method: HTTPRequest.Method, _ path: String, headers: [String: String]? = nil) async throws
        -> ServedResponse
    {
        try #require(try await send(method, [path], headers: headers).first)
    }

    /// The responses of one server to several requests; `change` runs before the first of them.
    func send(
        _ method: HTTPRequest.Method,
        _ paths: [String],
        headers: [String: String]? = nil,
        after change: @escaping @Sendable () async throws -> Void = {}
    ) async throws -> [ServedResponse] {
        var fields = HTTPFields()
        for (name, value) in headers ?? ["x-api-key": key.text.reveal()] {
            fields[try #require(HTTPField.Name(name))] = value
        }
        let sent = fields
        return try await live { port in
            try await change()
            let patient = TestClient.Configuration(timeout: Waiting.limit)
            var answers: [ServedResponse] = []
            for path in paths {
                // A connection of its own, since a refusal may end the one that it came over.
                let response = try await TestClient.withClient(
                    host: "127.0.0.1",
                    port: port,
                    configuration: patient
                ) { client in
                    try await client.execute(.init(path, method: method, authority: "localhost", headers: sent))
                }
                answers.append(ServedResponse(response))
            }
            return answers
        }
    }

    /// Limits that a client keeps on a machine under load: all but those that a test is about.
    static func patient(
        idle: Duration = Waiting.limit,
        request: Duration = Waiting.limit
    ) -> ListenConfiguration.Limits {
        .init(idle: idle, request: request)
    }

    /// Runs `body` while the server listens on a free port.
    func live<Result: Sendable>(
        limits: ListenConfiguration.Limits = patient(),
        certificate: ServedCertificate? = nil,
        body: @escaping @Sendable (_ port: Int) async throws -> Result
    ) async throws -> Result {
        let address = ListenAddress(host: "127.0.0.1", port: 0)
        let listening = ListenConfiguration(address: address, certificate: certificate, limits: limits)
        return try await vending.buildApplication(listening).test(.live) { client in
            try await body(try #require(client.port))
        }
    }
}
