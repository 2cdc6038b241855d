import BursarModel
import Hummingbird
import Vending

/// `GET /whoami`: the key's owner, end and limits, and the caller's address as the server sees it.
///
/// Nothing is vended.
struct WhoAmIRoute {
    let service: VendingService

    @Sendable func callAsFunction(_ request: Request, _ context: VendingContext) async throws -> Response {
        let caller = try request.caller(context)
        let key = try await service.identify(caller).record
        let quota = try await service.quotaStatus(of: key)
        var answer = WhoAmIResponse(
            researcher: key.researcher.description,
            keyID: key.id.description,
            keyExpires: Timestamp.string(key.end),
            address: caller.address.description
        )
        answer.models = key.terms.models?.patterns.map(\.description)
        answer.dailyLimit = quota.limit
        answer.usedToday = quota.used
        answer.sessionSeconds = (key.terms.sessionDuration ?? service.terms.sessionDuration).seconds
        var response = try ServedResponse.json(answer)
        response.headers.setQuota(quota)
        return response
    }
}
