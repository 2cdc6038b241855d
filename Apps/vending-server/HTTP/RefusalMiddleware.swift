import BursarCore
import HTTPTypes
import Hummingbird
import Logging
import Vending

/// Turns every error into an answer, and forbids everybody to store any.
///
/// The caller gets a code and one sentence, the log gets the cause under the same request id.
struct RefusalMiddleware: RouterMiddleware {
    typealias Context = VendingContext

    let metrics: ServerMetrics

    func handle(
        _ request: Request,
        context: VendingContext,
        next: (Request, VendingContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        var response: Response
        var code: RefusalCode?
        do {
            guard request.method == .get else { throw Refusal(.methodNotAllowed) }
            response = try await next(request, context)
        } catch let refusal as Refusal {
            log(refusal, request, context)
            code = refusal.code
            response = try Answer.refusal(refusal.code, requestID: context.id)
        } catch let error as any HTTPResponseError {
            let refusal = RefusalCode(error.status)
            code = refusal
            response = try Answer.refusal(refusal, requestID: context.id)
        } catch {
            context.logger.error("failed", metadata: ["path": "\(request.uri.path)", "cause": "\(error)"])
            code = .internal
            response = try Answer.refusal(.internal, requestID: context.id)
        }
        response.headers[.cacheControl] = "no-store"
        metrics.answered(context.route, status: response.status.code, error: code, after: .now - start)
        return response
    }

    private func log(_ refusal: Refusal, _ request: Request, _ context: VendingContext) {
        let level: Logger.Level = refusal.code.status >= 500 ? .error : .info
        context.logger.log(
            level: level,
            "refused",
            metadata: [
                "error": "\(refusal.code.rawValue)",
                "key": "\(refusal.keyID?.description ?? "-")",
                "address": "\(context.address ?? "-")",
                "cause": "\(refusal.cause)",
            ]
        )
    }
}

extension VendingContext {
    /// The path as it was registered, never as it was asked for; the library calls what it didn't find `NotFound`.
    fileprivate var route: String {
        endpointPath.flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "none"
    }
}

extension RefusalCode {
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
