import BursarFiles
import BursarFoundation
import BursarModel
import SystemPackage
import TestSupport
import Testing

@testable import PostgresStore

/// A server that takes TLS connections with a password only.
private struct GuardedServer {
    let cluster: PostgresCluster
    /// The certificate of the server, which is its own authority.
    let certificates: String
    let folder: URL

    /// `name` is the host that the certificate names.
    init(certificateFor name: String) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "guarded-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        self.folder = folder
        certificates = folder.appending(path: "server.pem").path
        cluster = try await PostgresCluster.startEncrypted(
            as: name,
            rules: "hostssl all all 127.0.0.1/32 scram-sha-256",
            certificateIn: folder.path
        )
        try await cluster.sql("CREATE ROLE ada LOGIN PASSWORD 'right'")
    }

    func file(_ content: String, mode: Int = 0o600) throws -> PostgresPassword {
        let path = folder.appending(path: "password-\(UUID().uuidString)").path
        try Data(content.utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        return .file(FilePath(path))
    }

    /// Connects over TLS, and returns the error.
    func connect(
        _ password: PostgresPassword,
        host: String = "127.0.0.1",
        trusting authority: String? = nil
    ) async -> PostgresError? {
        let query = "sslmode=verify-full&sslrootcert=\(authority ?? certificates)"
        let text = "postgres://ada@\(host):\(cluster.port)/postgres?\(query)"
        return await failure {
            let address = try PostgresAddress(parsing: text)
            _ = try PostgresConnection(to: address, password: password, limits: .testing, allowsUnsafe: true)
        }
    }

    func remove() {
        try? FileManager.default.removeItem(at: folder)
    }
}

struct AuthenticationTests {
    @Test func `a password from a private file opens a verified connection, any other is refused`() async throws {
        let server = try await GuardedServer(certificateFor: "IP:127.0.0.1")
        defer { server.remove() }
        #expect(await server.connect(try server.file("right\n")) == nil)
        #expect(await server.connect(.token { _ in Secret("right") }) == nil)
        #expect(
            await server.connect(try server.file("wrong"))
                == .authentication(detail: "password authentication failed for user \"ada\"")
        )
        guard case .password(let error) = await server.connect(try server.file("right", mode: 0o644)) else {
            Issue.record("a password that others may read was sent")
            return
        }
        #expect(error.reason == .openToOthers)
        for content in ["", "\n", "right\nand more\n"] {
            guard case .noPassword = await server.connect(try server.file(content)) else {
                Issue.record("a file without one password was taken")
                continue
            }
        }
    }

    @Test func `a certificate of another name or of another authority, and a server without TLS, are refused`()
        async throws
    {
        let server = try await GuardedServer(certificateFor: "DNS:db.example.org")
        defer { server.remove() }
        let password = try server.file("right")
        guard case .untrusted(let name) = await server.connect(password, host: "localhost") else {
            Issue.record("another name was taken")
            return
        }
        #expect(name.contains("does not match host name"))
        let other = try await GuardedServer(certificateFor: "IP:127.0.0.1")
        defer { other.remove() }
        guard case .untrusted = await other.connect(password, trusting: server.certificates) else {
            Issue.record("another authority was taken")
            return
        }
        guard case .untrusted = await other.connect(password, trusting: "/nowhere.pem") else {
            Issue.record("no authority was needed")
            return
        }
        let plain = try await PostgresCluster.shared()
        let text =
            "postgres://ada@127.0.0.1:\(plain.port)/postgres?sslmode=verify-full&sslrootcert=\(server.certificates)"
        let error = await failure {
            _ = try PostgresConnection(to: try PostgresAddress(parsing: text), limits: .testing, allowsUnsafe: true)
        }
        guard case .untrusted(let reason) = error else {
            Issue.record("no TLS was needed")
            return
        }
        #expect(reason.contains("server does not support SSL"))
    }
}
