import BursarFoundation
import BursarModel
import GRDB
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import Testing
import Vending

@testable import SQLiteStore
@testable import Storage
@testable import vending_server

@Suite struct RoutesTests {
    private let server: TestServer

    init() throws {
        server = try TestServer()
    }

    @Test(arguments: ["/credentials", "/prod/credentials"])
    func `credentials are answered as old helpers expect them`(_ path: String) async throws {
        let answer = try await server.get(path)
        #expect(answer.status == 200)
        #expect(answer.headers[.contentType] == "application/json")
        #expect(answer.headers[.cacheControl] == "no-store")
        let fields = try JSONDecoder().decode([String: Scalar].self, from: answer.body)
        #expect(
            Set(fields.keys) == ["Version", "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"]
        )
        #expect(fields["Version"] == .number(1))
        #expect(fields["Expiration"]?.text?.hasSuffix("+00:00") == true)
        _ = try ProcessOutput(parsing: answer.body)
    }

    @Test(arguments: ["x-api-key", "api-key", "X-API-KEY", "authorization"])
    func `the key is read from each header that clients send`(_ header: String) async throws {
        let prefix = header == "authorization" ? "Bearer " : ""
        let answer = try await server.get("/whoami", headers: [header: prefix + server.key.text.reveal()])
        #expect(answer.status == 200)
    }

    @Test func `an empty header doesn't hide the key in another`() async throws {
        let headers = ["x-api-key": "", "authorization": "Bearer " + server.key.text.reveal()]
        #expect(try await server.get("/whoami", headers: headers).status == 200)
    }

    @Test func `whoami tells the key's owner, id, end and address, and vends nothing`() async throws {
        let answer = try JSONDecoder().decode(WhoAmIResponse.self, from: await server.get("/whoami").body)
        #expect(answer.researcher == "ada")
        #expect(answer.keyID == server.key.id.description)
        #expect(answer.address == "127.0.0.1")
        #expect(Timestamp.date(answer.keyExpires) != nil)
        #expect(server.vending.recorder.progress.vends == 0)
    }

    @Test func `health and readiness need no key`() async throws {
        #expect(try await server.get("/healthz", headers: [:]).status == 200)
        #expect(try await server.get("/readyz", headers: [:]).status == 200)
    }

    @Test func `without a key, or with what isn't one, the error says which`() async throws {
        #expect(try await server.get("/credentials", headers: [:]).refusal == .keyMissing)
        #expect(try await server.get("/credentials", headers: ["x-api-key": "hello"]).refusal == .keyMalformed)
        var random = SystemRandomNumberGenerator()
        let stranger = ResearcherKey(using: &random).text.reveal()
        #expect(try await server.get("/credentials", headers: ["x-api-key": stranger]).refusal == .keyInvalid)
    }

    @Test func `an unknown path is 404 and another method 405, both as JSON with a request id`() async throws {
        let missing = try await server.get("/nothing")
        #expect(missing.status == 404)
        #expect(missing.refusal == .notFound)
        let post = try await server.send(.post, "/credentials")
        #expect(post.status == 405)
        #expect(post.headers[.allow] == "GET, HEAD")
        #expect(post.refusal == .methodNotAllowed)
        #expect(try JSONDecoder().decode(ErrorResponse.self, from: post.body).requestID.isEmpty == false)
    }

    @Test func `a refusal never repeats the key`() async throws {
        _ = try server.store.administration.revokeKey(
            server.key.id,
            reason: "lost",
            by: AuditContext(actor: "test", date: Date())
        )
        let answer = try await server.get("/credentials")
        #expect(answer.refusal == .keyRevoked)
        #expect(!String(decoding: answer.body, as: UTF8.self).contains(server.key.text.reveal()))
        #expect(!String(decoding: answer.body, as: UTF8.self).contains("lost"))
    }

    @Test func `what AWS said stays in the log`() async throws {
        let server = try TestServer(issuer: RefusingIssuer())
        let answer = try await server.get("/credentials")
        #expect(answer.status == 502)
        #expect(answer.refusal == .roleRefused)
        #expect(!String(decoding: answer.body, as: UTF8.self).contains("arn:aws"))
    }

    @Test func `readiness says which part fails once vends can't be recorded`() async throws {
        let pool = try #require(server.store.database as? SQLiteDatabase).pool
        let answers = try await server.send(.get, ["/credentials", "/readyz"]) {
            try await pool.write { db in try db.execute(sql: "DROP TABLE usage_networks") }
        }
        #expect(answers.first?.refusal == .notRecorded)
        let answer = try #require(answers.last)
        #expect(answer.status == 503)
        // The reader, which looks at the schema now and then, may see the change before the recorder's next probe.
        let parts = [#""records":"not writable""#, #""database":"altered""#]
        let body = String(decoding: answer.body, as: UTF8.self)
        #expect(parts.contains { body.contains($0) }, "\(body)")
    }
}

/// A string or a number in JSON.
private enum Scalar: Decodable, Equatable {
    case number(Int)
    case string(String)

    var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Int.self) {
            self = .number(number)
        } else {
            self = .string(try container.decode(String.self))
        }
    }
}

private struct RefusingIssuer: CredentialIssuer {
    func issue(_ request: IssueRequest) async throws(IssuerError) -> SessionCredentials {
        throw .refused(cause: "AccessDenied: arn:aws:iam::123456789012:user/vending-server")
    }
}
