import BursarFoundation
import BursarModel
import HTTPTypes
import Hummingbird
import Logging
import Vending

/// Turns every error into a response, counts it, and forbids caching of all responses.
///
/// The client gets a code and one sentence, the log gets the cause under the same request id. HEAD is handled as GET;
/// ``RequestGuard`` leaves out the body. A failure of a cancelled request is no error: it is neither logged nor counted.
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
        var isCancelled = false
        do {
            guard request.method == .get || request.method == .head else { throw VendError(.methodNotAllowed) }
            response = try await next(request, context)
        } catch {
            let refusal = Self.refusal(error, request, context)
            isCancelled = error is CancellationError || Task.isCancelled && refusal.code.status >= 500
            if !isCancelled {
                code = refusal.code
                if refusal.subject.isCanary { metrics.canaryUsed() }
                log.note(refusal, from: context.address, request: context.logger)
                tally.note(refusal, from: context.address, requestID: context.id, at: now())
            }
            response = try ServedResponse.refusal(
                refusal,
                requestID: context.id,
                shape: ErrorShape(path: request.uri.path)
            )
            // Clients without a valid key keep no connection.
            if refusal.subject.isStranger { response.headers[.connection] = "close" }
        }
        response.headers[.cacheControl] = "no-store"
        if !isCancelled {
            metrics.answered(context.route, status: response.status.code, error: code, after: .now - start)
        }
        return response
    }

    private static func refusal(_ error: any Error, _ request: Request, _ context: VendingContext) -> VendError {
        switch error {
        case let refusal as VendError:
            return refusal.code == .keyMissing && request.hasOtherScheme ? VendError(.otherScheme) : refusal
        case is CancellationError: return VendError(.busy, cause: "cancelled")
        case let error as any HTTPResponseError: return VendError(ErrorCode(error.status))
        default:
            context.logger.error("failed", metadata: ["path": "\(request.uri.path)", "cause": "\(error)"])
            return VendError(.internal, cause: "see above")
        }
    }
}

extension VendingContext {
    /// The path as registered, never as requested; the library calls an unknown one `NotFound`.
    fileprivate var route: String {
        endpointPath.flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "none"
    }
}

extension ErrorCode {
    /// The code for a status that the HTTP library sends by itself.
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

/// The format of an error: the one of all routes, or the one that AWS SDKs read from a container endpoint.
enum ErrorShape {
    case standard
    case container

    init(path: String) {
        self = path == ContainerCredentialsRoute.path ? .container : .standard
    }
}

/// `{"Code","Message"}` for the SDKs, beside the fields of every Bursar error.
struct ContainerErrorResponse: Encodable {
    let code: String
    let containerMessage: String
    let response: ErrorResponse

    init(_ response: ErrorResponse) {
        code = response.error
        containerMessage = response.message
        self.response = response
    }

    enum CodingKeys: String, CodingKey {
        case code = "Code"
        case containerMessage = "Message"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(code, forKey: .code)
        try container.encode(containerMessage, forKey: .containerMessage)
        try response.encode(to: encoder)
    }
}
