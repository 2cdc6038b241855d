import AWSTestSupport
import BursarFoundation
import BursarHTTP
import BursarModel
import Testing

@testable import AWSAuth
@testable import AWSClients

struct SecretsManagerTests {
    private func client(_ world: Recorded) throws -> SecretsManagerClient {
        try SecretsManagerClient(
            region: "eu-central-1",
            credentials: StaticCredentials(.example),
            endpoints: EndpointResolver(environment: [:]),
            clientContext: world.clientContext()
        )
    }

    private let exists = Recorded.Answer(status: 400, body: #"{"__type":"ResourceExistsException"}"#)

    @Test func `a secret that is there already gets a new value`() async throws {
        let world = Recorded(exists, .init(body: "{}"))
        try await client(world).put("prod/key", Secret("value"), tags: [.init(key: "owner", value: "ada")])
        let targets = world.requests.map { request in request.headers.first { $0.name == "X-Amz-Target" }?.value }
        #expect(targets == ["secretsmanager.CreateSecret", "secretsmanager.PutSecretValue"])
        #expect(world.requests.first?.url == "https://secretsmanager.eu-central-1.amazonaws.com/")
        let bodies = try world.requests.map { request in
            try JSONDecoder().decode(Body.self, from: try #require(request.body))
        }
        #expect(bodies.map(\.value) == ["value", "value"])
        #expect(bodies.first?.name == "prod/key" && bodies.last?.id == "prod/key")
    }

    private struct Body: Decodable {
        let name: String?
        let id: String?
        let value: String

        enum CodingKeys: String, CodingKey {
            case name = "Name"
            case id = "SecretId"
            case value = "SecretString"
        }
    }

    @Test func `the value never comes back in an error, and a bad name isn't sent`() async throws {
        let said = Recorded(.init(status: 400, body: #"{"__type":"InvalidParameterException","message":"is value"}"#))
        let error = await #expect(throws: AWSError.self) {
            try await client(said).put("key", Secret("value"), tags: [])
        }
        #expect(String(reflecting: error).contains("<redacted>"))
        let world = Recorded()
        await #expect(throws: AWSError.invalidParameter(service: .secretsManager, field: "Name")) {
            try await client(world).put("a b", Secret("value"), tags: [])
        }
        #expect(world.requests.isEmpty)
    }
}
