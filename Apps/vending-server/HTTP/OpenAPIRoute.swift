import Hummingbird

/// `GET /openapi.json`: what this server answers, for programs.
@Sendable func openAPI(_ request: Request, _ context: VendingContext) -> Response {
    Answer.json(OpenAPIDocument.text)
}
