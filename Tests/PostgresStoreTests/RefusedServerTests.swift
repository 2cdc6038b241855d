import BursarFoundation
import Subprocess
import SystemPackage
import TestSupport
import Testing

@testable import PostgresStore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

struct RefusedServerTests {
    private static func connect(
        _ text: String,
        limits: ConnectionLimits = .testing,
        password: PostgresPassword = .none,
        allowsUnsafe: Bool = true
    ) async -> PostgresError? {
        await failure {
            _ = try PostgresConnection(
                to: try PostgresAddress(parsing: text),
                password: password,
                limits: limits,
                allowsUnsafe: allowsUnsafe
            )
        }
    }

    @Test func `a server that doesn't synchronize its disk is refused`() async throws {
        let cluster = try await PostgresCluster.shared()
        let address = cluster.address(database: "postgres")
        #expect(await Self.connect(address, allowsUnsafe: false) == .unsuitable(.withoutSync))
    }

    @Test func `a standby is refused until it is promoted, and a database that isn't there`() async throws {
        let primary = try await PostgresCluster.start()
        let standby = try await primary.startStandby()
        let address = standby.address(database: "postgres")
        #expect(await Self.connect(address, allowsUnsafe: false) == .unsuitable(.standby))
        try await standby.promote()
        #expect(await Self.connect(address, allowsUnsafe: false) == nil)
        #expect(
            await Self.connect(primary.address(database: "nowhere"))
                == .missingDatabase(detail: "database \"nowhere\" does not exist")
        )
    }

    @Test(arguments: [
        ("crdb_version=CockroachDB CCL v25.1.0", "server_version=13.0.0", "CockroachDB"),
        ("a=b", "server_version=15.12-YB-2025.1.0.0-b0", "YugabyteDB"),
        // A pooler in between reports PostgreSQL's version, and only the engine's own words tell it.
        ("version=CockroachDB CCL v25.1.0 (x86_64-pc-linux-gnu)", "server_version=13.0.0", "CockroachDB"),
        ("version=PostgreSQL 15.12-YB-2025.1.0.0-b0 on x86_64", "server_version=15.12", "YugabyteDB"),
        ("version=PostgreSQL 16 (Aurora DSQL)", "server_version=16", "Aurora DSQL"),
    ])
    func `another engine is refused by its name`(one: String, other: String, name: String) async throws {
        try await Self.withPeer([one, other]) { port in
            #expect(await Self.connect("postgres://a@127.0.0.1:\(port)/b") == .unsuitable(.otherEngine(name)))
        }
    }

    @Test func `Aurora DSQL is known by its host's name, and engines by the text of their version`() {
        #expect(OtherEngine.name(parameter: { _ in nil }, host: "a1b2.dsql.eu-west-1.on.aws") == "Aurora DSQL")
        #expect(OtherEngine.name(parameter: { _ in nil }, host: "dsql.example.org") == nil)
        #expect(OtherEngine.name(inVersion: "PostgreSQL 11.2-YB-2.25.1.0-b0 on x86_64") == "YugabyteDB")
        #expect(OtherEngine.name(inVersion: "CockroachDB CCL v24.1.0 (x86_64-pc-linux-gnu)") == "CockroachDB")
        #expect(OtherEngine.name(inVersion: "PostgreSQL 15.18 (Debian 15.18-0+deb12u1)") == nil)
    }

    @Test func `a server older than PostgreSQL 13 is refused with its version`() async throws {
        try await Self.withPeer(["server_version=12.22"]) { port in
            #expect(await Self.connect("postgres://a@127.0.0.1:\(port)/b") == .unsuitable(.tooOld(version: "12.22")))
        }
    }

    @Test func `a host that takes the connection and says nothing is given up in time`() async throws {
        var limits = ConnectionLimits.testing
        limits.connect = .milliseconds(300)
        let silent = try SilentHost()
        let start = ContinuousClock.now
        let error = await Self.connect("postgres://a@127.0.0.1:\(silent.port)/b", limits: limits)
        #expect(error == .unreachable(detail: "127.0.0.1 (127.0.0.1) took too long to answer"))
        #expect(ContinuousClock.now - start < .seconds(10))
    }

    @Test func `a port that nothing listens at and a name that isn't known are unreachable`() async throws {
        let closed = try SilentHost(listens: false)
        guard case .unreachable(let detail) = await Self.connect("postgres://a@127.0.0.1:\(closed.port)/b") else {
            Issue.record("another error")
            return
        }
        #expect(detail.contains("Connection refused"))
        let name = "postgres://a@bursar.invalid/b?sslmode=verify-full&sslrootcert=/etc/ssl/none.pem"
        guard case .unreachable(let reason) = await Self.connect(name) else {
            Issue.record("another error")
            return
        }
        #expect(reason.hasPrefix("the name bursar.invalid is not known (DNS)"))
    }

    @Test func `a server without a connection left says so`() async throws {
        let cluster = try await PostgresCluster.start(settings: ["fsync": "off", "superuser_reserved_connections": "0"])
        try await cluster.sql("CREATE ROLE few LOGIN CONNECTION LIMIT 1")
        let address = cluster.address(database: "postgres", user: "few")
        let held = try await blocking {
            try PostgresConnection(to: try PostgresAddress(parsing: address), limits: .testing, allowsUnsafe: true)
        }
        #expect(await Self.connect(address) == .tooManyConnections)
        #expect(held.isOpen)
    }

    @Test func `a role without a right is refused with the object's name`() async throws {
        let database = try await TestDatabase()
        try await database.makeCounter()
        let role = "reader_\(database.name)"
        try await database.sql("CREATE ROLE \(role) LOGIN; GRANT USAGE ON SCHEMA bursar TO \(role)")
        let error = await failure {
            _ = try database.connect(user: role).value("SELECT value FROM counter")
        }
        #expect(error == .notPermitted(detail: "permission denied for table counter"))
    }

    private static func withPeer(_ parameters: [String], _ body: (Int) async throws -> Void) async throws {
        let arguments = ["\(Peer.folder)/startup_peer.py"] + parameters
        try await ChildServer.run(.path(FilePath(Peer.python)), arguments) { try await body($0.port) }
    }
}

/// A port of loopback that takes connections and never answers, or refuses them.
final class SilentHost: Sendable {
    let port: Int
    private let descriptor: Int32

    struct NoSocketError: Error {}

    init(listens: Bool = true) throws {
        descriptor = socket(AF_INET, 1, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let (descriptor, size) = (descriptor, length)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, size) == 0 && (!listens || listen(descriptor, 8) == 0)
                    && getsockname(descriptor, pointer, &length) == 0
            }
        }
        guard isListening else { throw NoSocketError() }
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    deinit {
        try? FileDescriptor(rawValue: descriptor).close()
    }
}
