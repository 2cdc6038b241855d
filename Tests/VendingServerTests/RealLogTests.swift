import BursarFoundation
import BursarHTTP
import BursarModel
import TestSupport
import Testing

@Suite struct RealLogTests {
    @Test func `a vend and a refusal are one line of JSON each, under the answer's request id`() async throws {
        let real = try RealServer()
        try await real.serve { server in
            let headers = [(name: "x-api-key", value: real.key.text.reveal())]
            let transport = HTTPTransport()
            let vend = try await transport.send(.patient(url: server.url + "/credentials", headers: headers))
            #expect(vend.status == 200)
            let refusal = try await transport.send(.patient(url: server.url + "/credentials"))
            let answer = try JSONDecoder().decode(ErrorResponse.self, from: refusal.body)
            server.stop()
            var lines: [[String: String]] = []
            for await line in server.lines {
                lines.append(try JSONDecoder().decode([String: String].self, from: Data(line.utf8)))
            }
            let vended = try #require(lines.first { $0["message"] == "vended" })
            #expect(vended["researcher"] == "ada")
            #expect(vended["key"] == real.key.id.description)
            #expect(vended["address"] == "127.0.0.1")
            #expect(vended["accessKeyID"]?.hasPrefix("ASIASIMULATED") == true)
            #expect(vended["requestID"]?.isEmpty == false)
            #expect(vended["level"] == "info")
            let refused = try #require(lines.first { $0["message"] == "refused" })
            #expect(refused["error"] == "key_missing")
            #expect(refused["requestID"] == answer.requestID)
            #expect(lines.last?["message"] == "stopped")
            let secrets = try ProcessOutput(parsing: vend.body)
            for line in lines.flatMap(\.values) {
                #expect(!line.contains(real.key.text.reveal()))
                #expect(!line.contains(secrets.credentials.sessionToken.reveal()))
            }
        }
    }
}
