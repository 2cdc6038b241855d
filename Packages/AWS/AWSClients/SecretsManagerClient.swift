package import AWSAuth
import BursarFoundation
import BursarHTTP
package import BursarModel

/// A client of AWS Secrets Manager, for one operation: storing a secret.
///
/// https://docs.aws.amazon.com/secretsmanager/latest/apireference/
package struct SecretsManagerClient: AWSClient {
    package static let service = AWSService.secretsManager
    private let client: AWSServiceClient

    package init(_ client: AWSServiceClient) {
        self.client = client
    }

    /// Creates the secret, or gives the existing one of that name a new value and leaves its tags unchanged.
    ///
    /// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
    ///
    /// - Parameters:
    ///   - name: 1 to 512 of `A–Z a–z 0–9 / _ + = . @ -`.
    ///   - value: at most 65,536 bytes.
    ///   - tags: 50 at most.
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func put(_ name: String, _ value: Secret<String>, tags: [IAMTag]) async throws {
        guard (1...512).contains(name.utf8.count),
            name.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "/_+=.@-".utf8.contains($0) })
        else { throw AWSError.invalidParameter(service: .secretsManager, field: "Name") }
        try IAMLimits.check(tags: tags)
        // The token makes a repeated call idempotent.
        let token = UUID().uuidString.lowercased()
        let fresh = Creation(name: name, token: token, value: value.reveal(), tags: tags.map { Tag($0) })
        do {
            try await send("CreateSecret", fresh, hiding: value)
        } catch AWSError.refused(let refusal) where refusal.code == "ResourceExistsException" {
            let change = Change(name: name, token: token, value: value.reveal())
            try await send("PutSecretValue", change, hiding: value)
        }
    }

    private func send(_ operation: String, _ body: some Encodable, hiding value: Secret<String>) async throws {
        var call = AWSRequest(operation, .post, "/", json: try JSONEncoder().encode(body))
        call.headers = [
            ("Content-Type", "application/x-amz-json-1.1"), ("X-Amz-Target", "secretsmanager.\(operation)"),
        ]
        _ = try await client.send(call, hiding: [value])
    }

    private struct Creation: Encodable {
        let name: String
        let token: String
        let value: String
        let tags: [Tag]

        enum CodingKeys: String, CodingKey {
            case name = "Name"
            case token = "ClientRequestToken"
            case value = "SecretString"
            case tags = "Tags"
        }
    }

    private struct Change: Encodable {
        let name: String
        let token: String
        let value: String

        enum CodingKeys: String, CodingKey {
            case name = "SecretId"
            case token = "ClientRequestToken"
            case value = "SecretString"
        }
    }

    private struct Tag: Encodable {
        let key: String
        let value: String

        init(_ tag: IAMTag) {
            key = tag.key
            value = tag.value
        }

        enum CodingKeys: String, CodingKey {
            case key = "Key"
            case value = "Value"
        }
    }
}
