import HTTPTypes
import Hummingbird
import Logging
import Synchronization
import Vending

/// Finds where each request comes from, before anything else looks at it.
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
