import AWSAuth
import BursarCore
import Hummingbird
import Vending

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

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
        let longest = SessionDuration.allowed.upperBound
        let ttl = try request.span("ttl")?.seconds ?? longest
        guard let region = try request.parameter("region") ?? service.terms.regions.first else {
            throw Refusal(.regionRefused, cause: "no region is configured")
        }
        let wish = VendingService.Wish(form: .token(region: region), minLeft: try request.minLeft())
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
        var response = try Answer.json(body)
        response.headers.setQuota(vended.quota)
        return response
    }
}
