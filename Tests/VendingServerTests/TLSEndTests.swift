#if os(Linux)
import BursarFoundation
import Logging
import ServerSettings
import Subprocess
import SystemPackage
import TestSupport
import Testing

@testable import vending_server

/// TLS connections that the server ends, with a silent peer.
@Suite struct TLSEndTests {
    private static let request = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"

    private struct Mute: Decodable {
        let more: Int
        let end: String
    }

    /// With two event loops or more, a connection is accepted on one and closed on another.
    @Test(arguments: [1, 20])
    func `no more sockets are open than there are places, whatever clients do not answer`(_ places: Int) async throws {
        let real = try RealServer()
        let (certificate, key) = try await real.makeCertificate("one")
        let settings = [
            "BURSAR_TLS_CERTIFICATE": certificate, "BURSAR_TLS_KEY": key, "BURSAR_HTTP_CONNECTIONS": "\(places)",
        ]
        try await real.serve(settings, scheme: "https") { server in
            let words = ["mute", "120", "\(server.processID.value)"]
            let result = try await RawClient.run(server.port, words, sending: Self.request)
            let mute = try JSONDecoder().decode(Mute.self, from: Data(result.utf8))
            // Several may be accepted at once.
            #expect(mute.more < places + ConnectionTable.openBeside + 4)
            #expect(mute.end == "socket")
            // Clients that end TLS properly get their responses whole, which curl compares with the announced length.
            for connection in ["close", "keep-alive"] {
                let header = "Connection: \(connection)"
                let url = "https://127.0.0.1:\(server.port)/openapi.json"
                let outcome = try await real.run("/usr/bin/curl", ["-skf", "-H", header, url])
                #expect(outcome.isSuccess)
                #expect(throws: Never.self) { try JSONDecoder().decode(JSONTree.self, from: Data(outcome.output.utf8)) }
            }
        }
    }

    @Test func `a deadline closes the socket, and doesn't wait for the end of TLS`() async throws {
        let real = try RealServer()
        let (certificate, key) = try await real.makeCertificate("one")
        let files = TLSFiles(certificate: FilePath(certificate), key: FilePath(key))
        let served = try ServedCertificate(files, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let server = try TestServer()
        // The greeting has the same limit, and has to be done before it strikes.
        let isClosed = try await Waiting.withLongerLimits { limit in
            let end = try await server.live(limits: TestServer.patient(request: limit), certificate: served) { port in
                try await RawClient.run(port, ["unasking"], sending: "")
            }
            return end == "socket\n"
        }
        #expect(isClosed)
    }
}
#endif
