import BursarCore
import HTTPTypes
import Hummingbird
import Vending

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Every route there is, with what answers it.
struct Routes {
    typealias Handler = @Sendable (Request, VendingContext) async throws -> Response

    let all: [(path: String, handler: Handler)]

    init(service: VendingService, readiness: Readiness, now: @escaping @Sendable () -> Date) {
        let credentials = CredentialsRoute(service: service)
        let whoami = WhoAmIRoute(service: service)
        all = [
            ("/credentials", credentials.callAsFunction),
            ("/prod/credentials", credentials.callAsFunction),
            (ContainerCredentialsRoute.path, ContainerCredentialsRoute(service: service).callAsFunction),
            ("/token", TokenRoute(service: service, now: now).callAsFunction),
            ("/whoami", whoami.callAsFunction),
            ("/prod/whoami", whoami.callAsFunction),
            ("/healthz", { healthz($0, $1) }),
            ("/readyz", ReadyRoute(readiness: readiness).callAsFunction),
            ("/openapi.json", OpenAPIRoute().callAsFunction),
        ]
    }
}

/// The router with all `routes`; the middleware refuses other methods than GET.
func buildRouter(
    _ routes: Routes,
    clients: ClientAddressRule,
    refusals: RefusalMiddleware
) -> Router<VendingContext> {
    let router = Router(context: VendingContext.self)
    router.add(middleware: ClientAddressMiddleware(rule: clients))
    router.add(middleware: refusals)
    for route in routes.all {
        router.get(RouterPath(route.path), use: route.handler)
    }
    return router
}
