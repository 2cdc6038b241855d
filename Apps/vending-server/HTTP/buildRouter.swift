import BursarCore
import HTTPTypes
import Hummingbird
import Vending

/// Every route there is.
func buildRouter(service: VendingService, readiness: Readiness, metrics: ServerMetrics) -> Router<VendingContext> {
    let router = Router(context: VendingContext.self)
    router.add(middleware: RefusalMiddleware(metrics: metrics))
    let credentials = CredentialsRoute(service: service)
    let whoami = WhoAmIRoute(service: service)
    let routes: [(path: RouterPath, handler: @Sendable (Request, VendingContext) async throws -> Response)] = [
        ("/credentials", credentials.callAsFunction),
        ("/prod/credentials", credentials.callAsFunction),
        ("/whoami", whoami.callAsFunction),
        ("/prod/whoami", whoami.callAsFunction),
        ("/healthz", { healthz($0, $1) }),
        ("/readyz", ReadyRoute(readiness: readiness).callAsFunction),
    ]
    for route in routes {
        router.get(route.path, use: route.handler)
        for method in [HTTPRequest.Method.head, .post, .put, .patch, .delete, .options] {
            router.on(route.path, method: method) { _, _ -> Response in throw Refusal(.methodNotAllowed) }
        }
    }
    return router
}
