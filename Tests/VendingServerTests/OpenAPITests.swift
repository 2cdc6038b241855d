import BursarFoundation
import BursarModel
import TestSupport
import Testing

@testable import vending_server

/// The OpenAPI document, compared with the actual routes and codes.
@Suite struct OpenAPITests {
    private let document: JSONTree

    init() throws {
        document = try JSONDecoder().decode(JSONTree.self, from: Data(OpenAPIRoute.document.utf8))
    }

    private func codes(of schema: String, _ field: String) -> [String] {
        let schema = document["components"]["schemas"][schema]
        let own = schema["properties"][field]["enum"].items
        let composed = schema["allOf"].items.flatMap { $0["properties"][field]["enum"].items }
        return (own + composed).compactMap(\.text)
    }

    /// Each response of each route: its path, its status, and its description in the document.
    private var answers: [(path: String, status: Int, answer: JSONTree)] {
        document["paths"].fields.flatMap { path, operations in
            operations["get"]["responses"].fields.compactMap { status, answer in
                Int(status).map { (path, $0, answer.resolved(in: document)) }
            }
        }
    }

    /// The codes that a text names.
    private func codes(in text: String) -> Set<ErrorCode> {
        let words = text.split { !$0.isLetter && $0 != "_" }
        return Set(words.compactMap { ErrorCode(rawValue: String($0)) })
    }

    @Test func `the document has each route and no other, and GET and HEAD alone`() throws {
        let server = try TestServer()
        let vending = server.vending
        let routes = Routes(
            service: vending.service,
            readiness: vending.readiness,
            front: FrontPage(),
            now: { Date() }
        )
        #expect(Set(document["paths"].fields.keys) == Set(routes.all.map(\.path)))
        for (path, operations) in document["paths"].fields {
            #expect(Set(operations.fields.keys) == ["get", "head"], "\(path)")
            #expect(operations["head"]["responses"]["200"]["content"] == .null, "\(path)")
            #expect(operations["head"]["security"] == operations["get"]["security"], "\(path)")
        }
    }

    @Test(arguments: [("Error", "error"), ("ContainerError", "Code")])
    func `the document has each error code and no other`(_ schema: String, _ field: String) {
        #expect(codes(of: schema, field) == ErrorCode.allCases.map(\.rawValue))
    }

    @Test func `each code stands at its own status`() {
        var found: [ErrorCode: Set<Int>] = [:]
        for (path, status, answer) in answers where status >= 400 {
            // Readiness has an error form of its own.
            if path == "/readyz", status == 503 { continue }
            let codes = codes(in: answer["description"].text ?? "")
            #expect(!codes.isEmpty, "\(path) \(status) names no code")
            for code in codes { found[code, default: []].insert(status) }
        }
        for code in ErrorCode.allCases where code != .notFound {
            #expect(found[code] == (code == .tooLarge ? [413, 431] : [code.status]), "\(code.rawValue)")
        }
        #expect(found[.notFound] == nil, "no route is missing")
    }

    @Test func `routes that take a key say how, and how they refuse it`() {
        for (path, operations) in document["paths"].fields {
            let operation = operations["get"]
            let statuses = Set(operation["responses"].fields.keys)
            let takesKey = !operation["security"].items.isEmpty
            #expect(takesKey == statuses.isSuperset(of: ["401", "403", "429", "503"]), "\(path)")
            #expect(takesKey == (operation["responses"]["200"]["headers"]["RateLimit-Limit"] != .null), "\(path)")
        }
        let headers = document["components"]["securitySchemes"].fields.values.compactMap { $0["name"].text }
        #expect(Set(headers) == ["x-api-key", "api-key", "Authorization"])
    }

    @Test func `the document is OpenAPI, says the validator`() async throws {
        let program = Program(Checkout.peer("openapi-spec-validator"), environment: ["PATH": "/usr/bin:/bin"])
        let outcome = try await program.run([Checkout.root + "Apps/vending-server/HTTP/openapi.json"])
        #expect(outcome.isSuccess, "\(outcome.output)\(outcome.errors)")
    }

    @Test func `the page about the API has each route, and each code with its status, once`() throws {
        let page = try String(contentsOfFile: Checkout.root + "Docs/http-api.md", encoding: .utf8)
        for path in document["paths"].fields.keys { #expect(page.contains("`GET \(path)"), "\(path)") }
        var statuses: [ErrorCode: String] = [:]
        for line in page.split(separator: "\n") where line.hasPrefix("| ") {
            let cells = line.split(separator: "|").map { String($0.trimmingASCIIWhitespace()) }
            guard cells.count == 4, cells[0].first?.isNumber == true else { continue }
            for code in codes(in: cells[1]) { #expect(statuses.updateValue(cells[0], forKey: code) == nil) }
        }
        for code in ErrorCode.allCases {
            #expect(statuses[code] == (code == .tooLarge ? "413, 431" : "\(code.status)"), "\(code.rawValue)")
        }
    }
}
