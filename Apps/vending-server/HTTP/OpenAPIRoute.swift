import Hummingbird

/// `GET /openapi.json`: what this server answers, for programs; tests hold the routes and codes to it.
struct OpenAPIRoute {
    static let document = String(decoding: PackageResources.openapi_json, as: UTF8.self)

    @Sendable func callAsFunction(_ request: Request, _ context: VendingContext) -> Response {
        ServedResponse.json(Self.document)
    }
}
