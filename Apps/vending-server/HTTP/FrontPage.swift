import BursarHTTP
import HTMLTemplates
import HTTPTypes
import Hummingbird
import NIOCore
import ServerSettings

/// `GET /`: a page for users who open the server's address in a browser, with its purpose, the setup of a machine and a
/// contact.
///
/// It is the same for every client and needs no key. It shows the configured address of the server, never the request's
/// host, which the author of a link could choose.
struct FrontPage: Sendable {
    let html: String
    private let policy: String

    init(publicURL: ServerURL? = nil, contact: Contact? = nil) {
        guard let template = try? HTMLTemplate(PackageResources.front_mustache) else {
            preconditionFailure("front.mustache is a template")
        }
        var context: [String: Any] = [:]
        if let publicURL { context["url"] = publicURL.description }
        if let contact {
            var fields = ["text": contact.text]
            fields["link"] = contact.link
            context["contact"] = fields
        }
        html = template.render(context)
        policy = """
            default-src 'none'; style-src \(template.styleSource); base-uri 'none'; form-action 'none'; \
            frame-ancestors 'none'
            """
    }

    @Sendable func callAsFunction(_ request: Request, _ context: VendingContext) -> Response {
        Response(
            status: .ok,
            headers: [
                .contentType: "text/html; charset=utf-8", .contentSecurityPolicy: policy,
                .xContentTypeOptions: "nosniff", .referrerPolicy: "no-referrer",
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(string: html))
        )
    }
}

/// `GET /openapi.json`: the API's description for programs; tests hold the routes and codes to it.
struct OpenAPIRoute {
    static let document = String(decoding: PackageResources.openapi_json, as: UTF8.self)

    @Sendable func callAsFunction(_ request: Request, _ context: VendingContext) -> Response {
        ServedResponse.json(Self.document)
    }
}
