import BursarFoundation
import BursarModel
import HTTPTypes
import Hummingbird
import Vending

/// Every route there is, with what answers it.
struct Routes {
    typealias Handler = @Sendable (Request, VendingContext) async throws -> Response

    struct Route {
        let path: String
        let get: Handler
        /// What answers HEAD: the same, unless GET would vend.
        let head: Handler

        fileprivate init(_ path: String, _ get: @escaping Handler, head: Handler? = nil) {
            self.path = path
            self.get = get
            self.head = head ?? get
        }
    }

    let all: [Route]

    init(service: VendingService, readiness: Readiness, front: FrontPage, now: @escaping @Sendable () -> Date) {
        let credentials = CredentialsRoute(service: service)
        let container = ContainerCredentialsRoute(service: service)
        let token = TokenRoute(service: service, now: now)
        let whoami = WhoAmIRoute(service: service)
        all = [
            Route("/", front.callAsFunction),
            Route("/credentials", credentials.callAsFunction, head: credentials.head),
            Route("/prod/credentials", credentials.callAsFunction, head: credentials.head),
            Route(ContainerCredentialsRoute.path, container.callAsFunction, head: container.head),
            Route("/token", token.callAsFunction, head: token.head),
            Route("/whoami", whoami.callAsFunction),
            Route("/prod/whoami", whoami.callAsFunction),
            Route("/healthz", { healthz($0, $1) }),
            Route("/readyz", ReadyRoute(readiness: readiness).callAsFunction),
            Route("/openapi.json", OpenAPIRoute().callAsFunction),
        ]
    }
}

/// The router with all `routes`; the middleware refuses other methods than GET and HEAD.
func buildRouter(
    _ routes: Routes,
    clients: ClientAddressRule,
    refusals: RefusalMiddleware
) -> Router<VendingContext> {
    let router = Router(context: VendingContext.self)
    router.add(middleware: ClientAddressMiddleware(rule: clients))
    router.add(middleware: refusals)
    for route in routes.all {
        router.get(RouterPath(route.path), use: route.get)
        router.head(RouterPath(route.path), use: route.head)
    }
    return router
}
