import Subprocess
import SystemPackage
import TestSupport

/// The servers that transfers are tried against: Python scripts beside this file.
enum Peers {
    /// Behaves and misbehaves by path; over TLS with a certificate.
    @discardableResult
    static func http<Result: Sendable>(
        certificate: TestCertificate? = nil,
        _ body: (ChildServer) async throws -> Result
    ) async throws -> Result {
        try await run("http_peer.py", certificate.map { [$0.certificate, $0.key] } ?? [], body)
    }

    /// Takes and gives bodies piece by piece; over TLS with a certificate.
    @discardableResult
    static func stream<Result: Sendable>(
        certificate: TestCertificate? = nil,
        _ body: (ChildServer) async throws -> Result
    ) async throws -> Result {
        try await run("stream_peer.py", certificate.map { [$0.certificate, $0.key] } ?? [], body)
    }

    /// Sends `bytes`, with Python's escapes, to each client that connects; sends nothing for nil.
    @discardableResult
    static func raw<Result: Sendable>(
        _ bytes: String?,
        _ body: (ChildServer) async throws -> Result
    ) async throws -> Result {
        try await run("raw_peer.py", bytes.map { [$0] } ?? [], body)
    }

    /// Answers every plain request in its origin's place, and does with CONNECT what `how` says; over TLS with a
    /// certificate.
    @discardableResult
    static func proxy<Result: Sendable>(
        _ how: String = "403",
        certificate: TestCertificate? = nil,
        _ body: (ChildServer) async throws -> Result
    ) async throws -> Result {
        try await run("proxy_peer.py", [how] + (certificate.map { [$0.certificate, $0.key] } ?? []), body)
    }

    private static func run<Result: Sendable>(
        _ script: String,
        _ arguments: [String],
        _ body: (ChildServer) async throws -> Result
    ) async throws -> Result {
        let path = FilePath(#filePath).removingLastComponent().appending("Peers").appending(script).string
        return try await ChildServer.run(.name("python3"), [path] + arguments, body: body)
    }
}

/// A self-signed certificate of 127.0.0.1 that no client trusts by default; its files are removed with it.
final class TestCertificate: Sendable {
    let certificate: String
    let key: String
    private let folder: TemporaryFolder

    init(for address: String = "127.0.0.1") async throws {
        folder = try TemporaryFolder()
        certificate = folder.path.appending("certificate.pem").string
        key = folder.path.appending("key.pem").string
        let arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
            "-subj", "/CN=bursar test", "-addext", "subjectAltName=IP:\(address)", "-keyout", key, "-out", certificate,
        ]
        let made = try await run(.name("openssl"), arguments: Arguments(arguments), output: .discarded)
        guard made.terminationStatus.isSuccess else { throw OpenSSLFailed() }
    }

    struct OpenSSLFailed: Error {}
}
