import BursarHTTP
import HTMLTemplates
import HTTPTypes
import Hummingbird
import NIOCore
import ServerSettings

/// `GET /`: a page for people who open the server's address in a browser, with what this is, how to set up a machine
/// and whom to ask.
///
/// It is the same for everybody and needs no key. The server's address in it is the configured one, never what a request
/// names as its host, since whoever sends people here by a link would choose that.
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
