import BursarCore
import Hummingbird
import Vending

/// `GET /whoami`: the key's owner and end, and the caller's address as the server sees it.
///
/// Nothing is vended.
struct WhoAmIRoute {
    let service: VendingService

    @Sendable func callAsFunction(_ request: Request, _ context: VendingContext) async throws -> Response {
        let caller = try request.caller(context)
        let key = try await service.identify(caller).record
        return try Answer.json(
            WhoAmIAnswer(
                researcher: key.researcher.description,
                keyID: key.id.description,
                keyExpires: Timestamp.string(key.expires),
                address: caller.address
            )
        )
    }
}
