import BursarFoundation
import Subprocess

/// A self-signed certificate of 127.0.0.1 that no client trusts by default; its files are removed with it.
final class TestCertificate: Sendable {
    let certificate: String
    let key: String
    private let folder: URL

    init(for address: String = "127.0.0.1") async throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "transport-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        certificate = folder.appending(path: "certificate.pem").path
        key = folder.appending(path: "key.pem").path
        let arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
            "-subj", "/CN=bursar test", "-addext", "subjectAltName=IP:\(address)", "-keyout", key, "-out", certificate,
        ]
        let made = try await run(.name("openssl"), arguments: Arguments(arguments), output: .discarded)
        guard made.terminationStatus.isSuccess else { throw OpenSSLFailed() }
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    struct OpenSSLFailed: Error {}
}
