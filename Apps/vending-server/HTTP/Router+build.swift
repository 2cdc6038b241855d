import BursarFoundation
import BursarModel
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Synchronization
import Vending

/// Builds the router of all `routes`; the middleware refuses methods other than GET and HEAD.
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

/// The context of a request: the peer's and the client's address.
struct VendingContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The peer's address; nil on a socket that has none.
    let peer: IPAddress?
    /// The client's address, with proxies taken into account.
    var client: ClientAddressRule.Outcome

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        peer = source.channel.remoteAddress?.ipAddress.flatMap { IPAddress($0) }
        client = .none(reason: "the request was not examined")
    }

    var address: IPAddress? {
        switch client {
        case .address(let address), .untrustedHeader(let address): address
        case .none: nil
        }
    }
}

/// Determines each request's client address, before any other handler runs.
final class ClientAddressMiddleware: RouterMiddleware {
    typealias Context = VendingContext

    private let rule: ClientAddressRule
    private let header: HTTPField.Name
    private let hasWarned = Atomic(false)

    init(rule: ClientAddressRule) {
        guard let header = HTTPField.Name(rule.header) else { preconditionFailure("settings hold header names") }
        self.rule = rule
        self.header = header
    }

    func handle(
        _ request: Request,
        context: VendingContext,
        next: (Request, VendingContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.client = rule.resolve(peer: context.peer, lines: request.headers[values: header])
        if case .untrustedHeader(let peer) = context.client, !hasWarned.exchange(true, ordering: .relaxed) {
            context.logger.warning(
                "a peer that isn't a trusted proxy sends \(rule.header); it is ignored, here and from now on",
                metadata: ["peer": "\(peer)"]
            )
        }
        return try await next(request, context)
    }
}
