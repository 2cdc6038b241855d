import BursarCore
import Console
import FoundationEssentials
import Logging
import ServerSettings
import SystemPackage
import TestSupport
import Testing

@testable import vending_server

@Suite struct TLSTests {
    private func problem(_ real: RealServer, certificate: String, key: String) -> Problem? {
        do {
            let files = TLSFiles(certificate: FilePath(certificate), key: FilePath(key))
            _ = try ServedCertificate(files, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            return nil
        } catch {
            return error
        }
    }

    @Test func `a pair that can't be served is one clear problem`() async throws {
        let real = try RealServer()
        defer { real.remove() }
        let (certificate, key) = try await real.makeCertificate("one")
        let (_, otherKey) = try await real.makeCertificate("two")
        #expect(problem(real, certificate: certificate, key: key) == nil)
        #expect(problem(real, certificate: certificate, key: otherKey)?.problem.contains("is not the key of") == true)
        #expect(problem(real, certificate: key, key: key)?.problem.contains("not a certificate") == true)
        let text = try real.write("text", to: "text")
        #expect(problem(real, certificate: certificate, key: text)?.problem.contains("not a private key") == true)
        #expect(problem(real, certificate: "/nowhere", key: key)?.problem.contains("no such file") == true)
        #expect(problem(real, certificate: certificate, key: "/nowhere")?.problem.contains("no such file") == true)
    }

    @Test(arguments: [0o644, 0o604, 0o620])
    func `a key that others may read or change is refused`(_ mode: Int) async throws {
        let real = try RealServer()
        defer { real.remove() }
        let (certificate, key) = try await real.makeCertificate("one")
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: key)
        #expect(problem(real, certificate: certificate, key: key)?.problem.contains("others may") == true)
    }

    /// In the others the key itself carries the secret, or the encryption isn't authenticated.
    @Test(arguments: [
        ("ECDHE-RSA-AES128-GCM-SHA256", "200"), ("AES128-GCM-SHA256", "000"), ("AES256-SHA", "000"),
        ("ECDHE-RSA-AES128-SHA", "000"),
    ])
    func `no connection is made that a stolen key opens later`(_ cipher: String, _ status: String) async throws {
        let real = try RealServer()
        defer { real.remove() }
        let (certificate, key) = try await real.makeCertificate("rsa", ["rsa:2048"])
        let settings = ["BURSAR_TLS_CERTIFICATE": certificate, "BURSAR_TLS_KEY": key, "BURSAR_LOG_FORMAT": "text"]
        let answer = try await real.serve(settings, scheme: "https") { server in
            try await real.curl(server.port, ["--tls-max", "1.2", "--ciphers", cipher])
        }
        #expect(answer == status)
    }

    @Test func `a renewed certificate is served without a restart, and a broken one isn't`() async throws {
        let real = try RealServer()
        defer { real.remove() }
        let (certificate, key) = try await real.makeCertificate("one")
        let (renewed, renewedKey) = try await real.makeCertificate("two")
        let settings = ["BURSAR_TLS_CERTIFICATE": certificate, "BURSAR_TLS_KEY": key, "BURSAR_LOG_FORMAT": "text"]
        try await real.serve(settings, scheme: "https") { server in
            #expect(try await real.subject(of: server.port) == "one")
            #expect(try await real.curl(server.port, ["--tls-max", "1.2"]) == "200")
            let old = ["--tlsv1.1", "--tls-max", "1.1", "--ciphers", "ALL:@SECLEVEL=0"]
            #expect(try await real.curl(server.port, old) == "000")

            try real.write("broken", to: "one.pem")
            let broken = await server.lines.first { $0.contains("can't be read again") }
            #expect(broken?.contains("error") == true)
            #expect(try await real.subject(of: server.port) == "one")

            try real.replace(key, with: renewedKey)
            try real.replace(certificate, with: renewed)
            #expect(await server.lines.first { $0.contains("was read again") } != nil)
            #expect(try await real.subject(of: server.port) == "two")
        }
    }
}

extension RealServer {
    /// A certificate for 127.0.0.1 and its key, signed by itself.
    func makeCertificate(
        _ name: String,
        _ kind: [String] = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    ) async throws -> (certificate: String, key: String) {
        let files = (certificate: "\(folder)/\(name).pem", key: "\(folder)/\(name).key")
        let outcome = try await run(
            "/usr/bin/openssl",
            ["req", "-x509", "-newkey"] + kind + ["-nodes", "-days", "2"]
                + ["-subj", "/CN=\(name)", "-addext", "subjectAltName=IP:127.0.0.1"]
                + ["-keyout", files.key, "-out", files.certificate]
        )
        try #require(outcome.isSuccess, "\(outcome.errors)")
        return files
    }

    fileprivate func replace(_ path: String, with other: String) throws {
        let content = try Data(contentsOf: URL(filePath: other))
        try write(String(decoding: content, as: UTF8.self), to: String(path.dropFirst(folder.count + 1)))
    }

    fileprivate func curlArguments(_ port: Int, _ options: [String]) -> [String] {
        options + ["-sk", "-o", "/dev/null", "-w", "%{http_code}", "https://127.0.0.1:\(port)/healthz"]
    }

    /// The status that curl got; 000 when there was no connection.
    fileprivate func curl(_ port: Int, _ options: [String]) async throws -> String {
        try await run("/usr/bin/curl", curlArguments(port, options)).output
    }

    /// The name in the certificate that a new connection is shown.
    fileprivate func subject(of port: Int) async throws -> String? {
        let outcome = try await run("/usr/bin/curl", ["-v"] + curlArguments(port, []))
        let line = outcome.errors.split(separator: "\n").first { $0.contains("subject:") }
        return line?.split(separator: "=").last.map { String($0.trimmingASCIIWhitespace()) }
    }
}
