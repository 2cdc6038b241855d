/// The description of every route, OpenAPI 3.1.
enum OpenAPIDocument {
    static let text = "{}"
}
