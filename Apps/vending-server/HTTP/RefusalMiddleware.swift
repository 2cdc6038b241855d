import BursarFoundation
import BursarModel
import HTTPTypes
import Hummingbird
import Logging
import Vending

/// Turns every error into an answer, counts it, and forbids everybody to store any.
///
/// The caller gets a code and one sentence, the log gets the cause under the same request id. HEAD comes here as GET
/// does; ``RequestGuard`` leaves out the body.
struct RefusalMiddleware: RouterMiddleware {
    typealias Context = VendingContext

    let tally: RefusalTally
    let log: RefusalLog
    let metrics: ServerMetrics
    let now: @Sendable () -> Date

    func handle(
        _ request: Request,
        context: VendingContext,
        next: (Request, VendingContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        var response: Response
        var code: ErrorCode?
        do {
            guard request.method == .get || request.method == .head else { throw VendError(.methodNotAllowed) }
            response = try await next(request, context)
        } catch is CancellationError {
            // The client has gone, or the server ends: neither an error in the log nor a refusal to count.
            return try ServedResponse.refusal(
                VendError(.busy),
                requestID: context.id,
                shape: ErrorShape(path: request.uri.path)
            )
        } catch {
            let refusal = Self.refusal(error, request, context)
            code = refusal.code
            if refusal.subject.isCanary { metrics.canaryUsed() }
            log.note(refusal, from: context.address, request: context.logger)
            tally.note(refusal, from: context.address, requestID: context.id, at: now())
            response = try ServedResponse.refusal(
                refusal,
                requestID: context.id,
                shape: ErrorShape(path: request.uri.path)
            )
            // Whoever has shown no key of ours holds no connection.
            if refusal.subject.isStranger { response.headers[.connection] = "close" }
        }
        response.headers[.cacheControl] = "no-store"
        metrics.answered(context.route, status: response.status.code, error: code, after: .now - start)
        return response
    }

    private static func refusal(_ error: any Error, _ request: Request, _ context: VendingContext) -> VendError {
        switch error {
        case let refusal as VendError:
            return refusal.code == .keyMissing && request.hasOtherScheme ? VendError(.otherScheme) : refusal
        case let error as any HTTPResponseError: return VendError(ErrorCode(error.status))
        default:
            context.logger.error("failed", metadata: ["path": "\(request.uri.path)", "cause": "\(error)"])
            return VendError(.internal, cause: "see above")
        }
    }
}

extension VendingContext {
    /// The path as it was registered, never as it was asked for; the library calls what it didn't find `NotFound`.
    fileprivate var route: String {
        endpointPath.flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "none"
    }
}

extension ErrorCode {
    /// Ours for a status that the HTTP library answers by itself.
    fileprivate init(_ status: HTTPResponse.Status) {
        switch status.code {
        case 404: self = .notFound
        case 405: self = .methodNotAllowed
        case 413, 431: self = .tooLarge
        case 400..<500: self = .badRequest
        default: self = .internal
        }
    }
}
