import AWSTestSupport
import BursarFoundation
import BursarHTTP
import BursarModel
import Testing

@testable import AWSAuth

struct WireTests {
    /// Requests as botocore puts them on the wire.
    private struct WireVectors: Decodable {
        struct Vector: Decodable {
            struct Parameters: Decodable {
                struct Tag: Decodable {
                    let key: String
                    let value: String
                }
                let roleArn: String?
                let roleSessionName: String?
                let durationSeconds: Int?
                let externalId: String?
                let policy: String?
                let sourceIdentity: String?
                let tags: [Tag]?
            }
            let region: String
            let sessionToken: String?
            let params: Parameters
            let url: String
            let body: String
            let headers: [String: String]
        }
        struct Requests: Decodable { let vectors: [Vector] }
        let stsRequests: Requests
    }

    /// `RoleArn` as `roleArn`, `session_token` as `sessionToken`.
    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(lowerCamelCase text: String) {
            let words = text.split(separator: "_")
            let joined =
                words.prefix(1).joined() + words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
            stringValue = joined.prefix(1).lowercased() + joined.dropFirst()
        }

        init?(stringValue: String) {
            self.stringValue = stringValue
        }

        init?(intValue: Int) {
            nil
        }
    }

    @Test func `requests equal botocore's on the wire`() async throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Vectors/token-vectors.json")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .custom { Name(lowerCamelCase: $0.last?.stringValue ?? "") }
        let vectors = try decoder.decode(WireVectors.self, from: Data(contentsOf: file)).stsRequests.vectors
        #expect(vectors.count == 4)
        for vector in vectors {
            let world = Recorded()
            let credentials = AWSCredentials(
                accessKeyID: "AKIDEXAMPLE",
                secretAccessKey: Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
                sessionToken: vector.sessionToken.map { Secret($0) }
            )
            let client = try STSClient(
                region: vector.region,
                credentials: StaticCredentials(credentials),
                endpoints: EndpointResolver(environment: [:]),
                clientContext: world.clientContext()
            )
            if let role = vector.params.roleArn {
                let request = AssumeRoleRequest(
                    roleARN: role,
                    sessionName: vector.params.roleSessionName ?? "",
                    duration: vector.params.durationSeconds.map { .seconds($0) },
                    externalID: vector.params.externalId,
                    policy: vector.params.policy,
                    tags: vector.params.tags?.map { .init(key: $0.key, value: $0.value) } ?? [],
                    sourceIdentity: vector.params.sourceIdentity
                )
                _ = try? await client.assumeRole(request)
            } else {
                _ = try? await client.callerIdentity()
            }
            let sent = try #require(world.requests.first)
            #expect(sent.url == vector.url)
            #expect(sent.body.map { String(decoding: $0, as: UTF8.self) } == vector.body)
            let headers = Dictionary(uniqueKeysWithValues: sent.headers.map { ($0.name, $0.value) })
            #expect(headers == vector.headers.filter { $0.key != "Content-Length" })
        }
    }
}
