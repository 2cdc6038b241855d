import BursarModel
import Hummingbird
import Vending

/// `GET /container-credentials`: for SDKs with nothing installed but two environment variables, in the form that they
/// read from a container's credential endpoint.
///
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
struct ContainerCredentialsRoute {
    static let path = "/container-credentials"

    let service: VendingService

    private struct Body: Encodable {
        let accessKeyID: String
        let secretAccessKey: String
        let token: String
        let expiration: String

        enum CodingKeys: String, CodingKey {
            case accessKeyID = "AccessKeyId"
            case secretAccessKey = "SecretAccessKey"
            case token = "Token"
            case expiration = "Expiration"
        }
    }

    @Sendable func callAsFunction(_ request: Request, _ context: VendingContext) async throws -> Response {
        let vended = try await service.vend(to: try request.caller(context, allowsBareKey: true))
        let credentials = vended.session.credentials
        var response = try ServedResponse.json(
            Body(
                accessKeyID: credentials.accessKeyID,
                secretAccessKey: credentials.secretAccessKey.reveal(),
                token: credentials.sessionToken.reveal(),
                expiration: Timestamp.string(credentials.expiration)
            )
        )
        response.headers.setQuota(vended.quota)
        return response
    }

    @Sendable func head(_ request: Request, _ context: VendingContext) async throws -> Response {
        ServedResponse.withoutVend(try await service.rehearse(for: try request.caller(context, allowsBareKey: true)))
    }
}
