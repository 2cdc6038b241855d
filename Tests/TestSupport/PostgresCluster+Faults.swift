import BursarFoundation
import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

extension PostgresCluster {
    /// Kills the server's first process and all that work for it, as the end of its machine would.
    package func kill() async throws {
        guard let first = processID else { throw StartError(reason: "there is no server in \(folder)") }
        let data = folder + "/data"
        // So that it neither notices the others' end nor starts new ones.
        Self.send(SIGSTOP, to: first)
        for process in try Self.processes(in: data) { Self.send(SIGKILL, to: process) }
        try await Waiting.until("the end of the server in \(folder)") { try Self.processes(in: data).isEmpty }
        // The number in them may be a zombie's, which PostgreSQL takes for a server that runs.
        for name in ["data/postmaster.pid", ".s.PGSQL.\(port).lock"] {
            try FileManager.default.removeItem(atPath: "\(folder)/\(name)")
        }
    }

    private static func send(_ signal: Int32, to process: Int32) {
        #if canImport(Glibc)
        _ = Glibc.kill(process, signal)
        #elseif canImport(Musl)
        _ = Musl.kill(process, signal)
        #else
        _ = Darwin.kill(process, signal)
        #endif
    }

    /// The processes that work in a folder.
    private static func processes(in folder: String) throws -> [Int32] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { Int32($0) }.filter { process in
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/cwd")) == folder
        }
    }

    /// Waits until `standby` streams from this server, then has commits wait for it.
    package func waitForStandby(inCommits: Bool) async throws {
        try await Waiting.until("a standby") {
            try await sql("SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'") == "1"
        }
        guard inCommits else { return }
        try await sql("ALTER SYSTEM SET synchronous_standby_names = 'standby'; SELECT pg_reload_conf()")
        try await Waiting.until("a synchronous standby") {
            try await sql("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") == "1"
        }
    }
}

extension PostgresCluster {
    /// Starts a server that takes TLS connections on `address`, with a certificate of its own in `folder`, where clients
    /// find it as `server.pem`.
    ///
    /// `name` is the host that the certificate names, as `IP:192.0.2.1` or `DNS:db.example.org`; `rules` has the lines of
    /// pg_hba.conf besides that for the Unix socket.
    package static func startEncrypted(
        as name: String,
        on address: String = "127.0.0.1",
        rules: String,
        certificateIn folder: String
    ) async throws -> PostgresCluster {
        let (certificate, key) = (folder + "/server.pem", folder + "/server.key")
        let arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj",
            "/CN=bursar test", "-addext", "subjectAltName=\(name)", "-keyout", key, "-out", certificate,
        ]
        let made = try await Program("/usr/bin/openssl", environment: ["PATH": "/usr/bin:/bin"]).run(arguments)
        guard made.isSuccess else { throw StartError(reason: made.errors) }
        return try await start(
            settings: ["ssl": "on", "listen_addresses": address],
            access: "local all all trust\n" + rules
        ) { data in
            for (source, name) in [(certificate, "server.crt"), (key, "server.key")] {
                let target = "\(data)/\(name)"
                try FileManager.default.copyItem(atPath: source, toPath: target)
                try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: target)
                giveAway(target)
            }
        }
    }

    /// Starts a server whose write-ahead log is on a disk of its own.
    package static func start(loggingOn disk: SmallDisk) async throws -> PostgresCluster {
        try await start(settings: ["min_wal_size": "32MB", "max_wal_size": "48MB"]) { data in
            let log = data + "/pg_wal"
            let arguments = ["-c", "cp -a \"$0\"/. \"$1\" && rm -rf \"$0\" && ln -s \"$1\" \"$0\"", log, disk.path]
            let moved = try await Program("/bin/sh", environment: ["PATH": "/usr/bin:/bin"]).run(arguments)
            guard moved.isSuccess else { throw StartError(reason: moved.errors) }
        }
    }
}

/// The one address at which clients find the primary, whichever server that is: a Unix socket's name that leads from one
/// server to another, as a name in the DNS or an address that moves would.
package final class PostgresEndpoint: Sendable {
    package static let port = 5432
    package let folder = "/tmp/bursar-endpoint-" + String(UInt64.random(in: .min ... .max), radix: 36)

    package init(leadingTo cluster: PostgresCluster) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        try lead(to: cluster)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Leads connections that are made from now on to another server.
    package func lead(to cluster: PostgresCluster) throws {
        let (link, next) = ("\(folder)/.s.PGSQL.\(Self.port)", folder + "/next")
        try FileManager.default.createSymbolicLink(
            atPath: next,
            withDestinationPath: "\(cluster.folder)/.s.PGSQL.\(cluster.port)"
        )
        guard rename(next, link) == 0 else { throw PostgresCluster.StartError(reason: "\(link) can't be made") }
    }

    /// The address of a database, whose primary it is.
    package func address(database: String, user: String) -> String {
        "postgres://\(user)@:\(Self.port)/\(database)?host=" + folder.replacing("/", with: "%2F")
    }
}
