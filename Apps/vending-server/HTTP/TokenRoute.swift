import AWSAuth
import BursarFoundation
import BursarModel
import Hummingbird
import Vending

/// `GET /token?ttl=&region=&min-left=`: a Bedrock bearer token made from the researcher's session, with its true end.
struct TokenRoute {
    let service: VendingService
    let now: @Sendable () -> Date

    private struct Body: Encodable {
        let token: String
        let region: String
        /// When it really ends: as asked, or with the session that signed it.
        let expiration: String
    }

    @Sendable func callAsFunction(_ request: Request, _ context: VendingContext) async throws -> Response {
        let (ttl, region, wish) = try wish(request)
        let vended = try await service.vend(to: try request.caller(context), wish)
        let token = try BedrockToken.provide(
            region: region,
            credentials: AWSCredentials(vended.session.credentials),
            expiry: .seconds(ttl),
            at: now()
        )
        let body = Body(
            token: token.value.reveal(),
            region: region,
            expiration: Timestamp.string(token.expiration)
        )
        var response = try ServedResponse.json(body)
        response.headers.setQuota(vended.quota)
        return response
    }

    @Sendable func head(_ request: Request, _ context: VendingContext) async throws -> Response {
        let wish = try wish(request).wish
        return ServedResponse.withoutVend(try await service.rehearse(for: try request.caller(context), wish))
    }

    /// What the parameters ask for.
    private func wish(
        _ request: Request
    ) throws(VendError) -> (seconds: Int, region: String, wish: VendingService.VendOptions) {
        let seconds = try request.span("ttl")?.seconds ?? SessionDuration.allowed.upperBound
        guard let region = try request.parameter("region") ?? service.terms.regions.first else {
            throw VendError(.regionRefused, cause: "no region is configured")
        }
        return (
            seconds, region, VendingService.VendOptions(form: .token(region: region), minLeft: try request.minLeft())
        )
    }
}
