import BursarFiles
import BursarFoundation
import BursarHTTP
import BursarModel
import SystemPackage

/// Credentials from the container endpoint of ECS, EKS Pod Identity, Greengrass or Bursar's own server.
///
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
struct ContainerCredentials: CredentialProvider {
    static let method = "container-role"
    private let url: String
    private let authorization: Authorization?
    private let clientContext: AWSClientContext

    private enum Authorization {
        case value(Secret<String>)
        case file(FilePath)
    }

    /// nil when neither `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` nor `…_FULL_URI` is set.
    ///
    /// - Throws: ``CredentialError/malformed(source:detail:)`` for a host that the token must not be sent to.
    init?(_ settings: ResolvedProfile, clientContext: AWSClientContext) throws(CredentialError) {
        if let relative = settings.variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
            url = "http://169.254.170.2" + relative
            guard relative.hasPrefix("/"), URLParts(url) != nil else {
                throw Self.malformed(
                    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is not a path: \(CredentialCharacters.shown(relative))"
                )
            }
        } else if let full = settings.variable("AWS_CONTAINER_CREDENTIALS_FULL_URI") {
            guard let parts = URLParts(full) else {
                throw Self.malformed(
                    "AWS_CONTAINER_CREDENTIALS_FULL_URI is not a URL: \(CredentialCharacters.shown(full))"
                )
            }
            guard parts.scheme == "https" || parts.isLoopback || Self.trustedHosts.contains(parts.host) else {
                throw Self.malformed(
                    "AWS_CONTAINER_CREDENTIALS_FULL_URI is plain http to a host that isn't this machine: "
                        + CredentialCharacters.shown(full)
                )
            }
            url = full
        } else {
            return nil
        }
        if let file = settings.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") {
            guard let path = settings.path(file) else {
                throw Self.malformed(
                    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE is not a path: \(CredentialCharacters.shown(file))"
                )
            }
            authorization = .file(path)
        } else {
            authorization = settings.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN").map { .value(Secret($0)) }
        }
        self.clientContext = clientContext
    }

    /// ECS, EKS Pod Identity.
    private static let trustedHosts = ["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"]

    func credentials() async throws -> AWSCredentials {
        var headers = [("Accept", "application/json")]
        if let token = try token() { headers.append(("Authorization", token.reveal())) }
        let request = MetadataRequest(url: url, headers: headers, timeout: .seconds(2))
        let response = try await request.send(clientContext, attempts: 3, pause: .seconds(1), source: Self.method)
        guard response.status == 200 else {
            throw CredentialError.failed(source: Self.method, detail: "the endpoint answered \(response.status)")
        }
        do {
            return try JSONDecoder().decode(MetadataResponse.self, from: response.body).credentials
        } catch {
            throw Self.malformed("the endpoint's answer: \(CredentialCharacters.problem(error))")
        }
    }

    /// The token, read again each time, since EKS replaces the file.
    private func token() throws(CredentialError) -> Secret<String>? {
        let token: String
        switch authorization {
        case nil: return nil
        case .value(let value): token = value.reveal()
        case .file(let path):
            do {
                token = String(decoding: try FileContent.read(path, limit: 16_384), as: UTF8.self)
            } catch {
                throw .failed(source: path.string, detail: error.problem)
            }
        }
        guard !token.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
            throw Self.malformed("the authorization token holds a line break or a control character")
        }
        return Secret(token)
    }

    private static func malformed(_ detail: String) -> CredentialError {
        .malformed(source: method, detail: detail)
    }
}
