import AWSAuth
import BursarFoundation
import BursarModel
import HTTPTypes
import Hummingbird
import Vending

/// All routes with their handlers.
struct Routes {
    typealias Handler = @Sendable (Request, VendingContext) async throws -> Response

    struct Route {
        let path: String
        let get: Handler
        /// The handler of HEAD: the one of GET, unless that would vend.
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

/// `GET /credentials`, and `/prod/credentials` for helpers that were set up against API Gateway.
///
/// The response has the format of `credential_process`, with an `Expiration` that ends in `+00:00`, since helpers on
/// old Pythons can't read `Z`.
struct CredentialsRoute {
    let service: VendingService

    @Sendable func callAsFunction(_ request: Request, _ context: VendingContext) async throws -> Response {
        let options = VendingService.VendOptions(minLeft: try request.minLeft())
        let vended = try await service.vend(to: try request.caller(context), options)
        var response = ServedResponse.json(ProcessOutput(vended.session.credentials).json(.offset).reveal())
        response.headers.setQuota(vended.quota)
        return response
    }

    @Sendable func head(_ request: Request, _ context: VendingContext) async throws -> Response {
        let options = VendingService.VendOptions(minLeft: try request.minLeft())
        return ServedResponse.withoutVend(try await service.rehearse(for: try request.caller(context), options))
    }
}

/// `GET /container-credentials`: credentials in the format of a container's credential endpoint, for SDKs configured by
/// two environment variables alone.
///
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
struct ContainerCredentialsRoute {
    static let path = "/container-credentials"

    let service: VendingService

    private struct Body: Encodable {
        let accessKeyID: String
        let secretAccessKey: String
        let token: String
        let expiration: String

        enum CodingKeys: String, CodingKey {
            case accessKeyID = "AccessKeyId"
            case secretAccessKey = "SecretAccessKey"
            case token = "Token"
            case expiration = "Expiration"
        }
    }

    @Sendable func callAsFunction(_ request: Request, _ context: VendingContext) async throws -> Response {
        let vended = try await service.vend(to: try request.caller(context, allowsBareKey: true))
        let credentials = vended.session.credentials
        var response = try ServedResponse.json(
            Body(
                accessKeyID: credentials.accessKeyID,
                secretAccessKey: credentials.secretAccessKey.reveal(),
                token: credentials.sessionToken.reveal(),
                expiration: Timestamp.string(credentials.expiration)
            )
        )
        response.headers.setQuota(vended.quota)
        return response
    }

    @Sendable func head(_ request: Request, _ context: VendingContext) async throws -> Response {
        ServedResponse.withoutVend(try await service.rehearse(for: try request.caller(context, allowsBareKey: true)))
    }
}

/// `GET /token?ttl=&region=&min-left=`: a Bedrock bearer token made from the researcher's session, with its actual
/// expiry.
struct TokenRoute {
    let service: VendingService
    let now: @Sendable () -> Date

    private struct Body: Encodable {
        let token: String
        let region: String
        /// The actual expiry: the requested one, or that of the signing session.
        let expiration: String
    }

    @Sendable func callAsFunction(_ request: Request, _ context: VendingContext) async throws -> Response {
        let (ttl, region, options) = try options(request)
        let vended = try await service.vend(to: try request.caller(context), options)
        let token = try BedrockToken.provide(
            region: region,
            credentials: AWSCredentials(vended.session.credentials),
            expiry: .seconds(ttl),
            at: now()
        )
        let body = Body(
            token: token.value.reveal(),
            region: region,
            expiration: Timestamp.string(token.expiration)
        )
        var response = try ServedResponse.json(body)
        response.headers.setQuota(vended.quota)
        return response
    }

    @Sendable func head(_ request: Request, _ context: VendingContext) async throws -> Response {
        let options = try options(request).options
        return ServedResponse.withoutVend(try await service.rehearse(for: try request.caller(context), options))
    }

    /// The options of the query parameters.
    private func options(
        _ request: Request
    ) throws(VendError) -> (seconds: Int, region: String, options: VendingService.VendOptions) {
        let seconds = try request.span("ttl")?.seconds ?? SessionDuration.allowed.upperBound
        guard let region = try request.parameter("region") ?? service.terms.regions.first else {
            throw VendError(.regionRefused, cause: "no region is configured")
        }
        return (
            seconds, region, VendingService.VendOptions(form: .token(region: region), minLeft: try request.minLeft())
        )
    }
}

/// `GET /whoami`: the key's owner, expiry and limits, and the client's address as the server sees it.
///
/// Nothing is vended.
struct WhoAmIRoute {
    let service: VendingService

    @Sendable func callAsFunction(_ request: Request, _ context: VendingContext) async throws -> Response {
        let caller = try request.caller(context)
        let key = try await service.identify(caller).record
        let quota = try await service.quotaStatus(of: key)
        var body = WhoAmIResponse(
            researcher: key.researcher.description,
            keyID: key.id.description,
            keyExpires: Timestamp.string(key.end),
            address: caller.address.description
        )
        body.models = key.terms.models?.patterns.map(\.description)
        body.dailyLimit = quota.limit
        body.usedToday = quota.used
        body.sessionSeconds = (key.terms.sessionDuration ?? service.terms.sessionDuration).seconds
        var response = try ServedResponse.json(body)
        response.headers.setQuota(quota)
        return response
    }
}

extension Request {
    /// A parameter as a time such as `45m` or `2700`, 12 hours at most; nil when it is missing.
    func span(_ name: String) throws(VendError) -> TimeSpan? {
        guard let text = try parameter(name) else { return nil }
        guard let span = TimeSpan(text), (1...SessionDuration.allowed.upperBound).contains(span.seconds) else {
            throw VendError(.badRequest, cause: "\(name) is not a time of 12 hours at most")
        }
        return span
    }

    /// The minimum lifetime of the credentials.
    func minLeft() throws(VendError) -> TimeInterval? {
        try span("min-left").map { TimeInterval($0.seconds) }
    }

    /// A query parameter; a repeated one is refused as ambiguous.
    func parameter(_ name: String) throws(VendError) -> String? {
        let values = uri.queryParameters[values: Substring(name)]
        guard values.count <= 1 else { throw VendError(.badRequest, cause: "\(name) stands twice") }
        return values.first.map { String($0) }
    }
}

extension Request {
    /// The presented key, from `x-api-key`, `api-key`, or `Authorization: Bearer`; with `allowsBare` also from an
    /// `Authorization` with the bare key, as the SDKs send the content of `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE`.
    private func presentedKey(allowsBare: Bool) -> String? {
        for name in [HTTPField.Name.apiKey, .oldAPIKey] {
            if let key = headers[name], !key.isEmpty { return key }
        }
        guard let authorization = headers[.authorization] else { return nil }
        guard authorization.lowercased().hasPrefix("bearer ") else { return allowsBare ? authorization : nil }
        return String(authorization.dropFirst("bearer ".count))
    }

    /// True if the request has an `Authorization` header with a scheme other than `Bearer`.
    var hasOtherScheme: Bool {
        guard let authorization = headers[.authorization] else { return false }
        return authorization.prefix { $0 != " " }.lowercased() != "bearer"
    }

    /// The caller: its key, address and request id.
    ///
    /// A client without an address is refused.
    func caller(_ context: VendingContext, allowsBareKey: Bool = false) throws(VendError) -> VendingService.Caller {
        guard let address = context.address else {
            guard case .none(let reason) = context.client else { throw VendError(.unknownAddress) }
            throw VendError(.unknownAddress, cause: reason)
        }
        return VendingService.Caller(
            key: presentedKey(allowsBare: allowsBareKey),
            address: address,
            requestID: context.id
        )
    }
}
