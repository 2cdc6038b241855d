import BursarFoundation
import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A PostgreSQL server of a test's own, on a Unix socket and on loopback, as installed by `Scripts/test`.
///
/// It is made from one cluster that the test run initializes once, and it ends, with all its files, when it is no longer
/// held or when the test run ends in whatever way.
package final class PostgresCluster: Sendable {
    /// The folder of its Unix socket.
    package let folder: String
    package let port: Int
    private let keeper: FolderKeeper

    package static let superuser = "postgres"
    private static let template = Task { try await makeTemplate() }
    private static let common = Task { try await start(settings: ["fsync": "off"]) }

    /// The reason why there is no server.
    package struct StartError: Error {
        package let reason: String
    }

    private init(folder: String, port: Int, keeper: FolderKeeper) {
        self.folder = folder
        self.port = port
        self.keeper = keeper
    }

    /// The server that tests share, each with a database of its own; it doesn't synchronize its disk.
    package static func shared() async throws -> PostgresCluster {
        try await common.value
    }

    /// Starts a server with `settings` in its postgresql.conf.
    ///
    /// `access` has the lines of its pg_hba.conf; by default everyone on this machine may be anyone. `prepare` changes the
    /// new cluster's folder before the start.
    package static func start(
        settings: [String: String] = [:],
        access: String? = nil,
        prepare: (_ data: String) async throws -> Void = { _ in }
    ) async throws -> PostgresCluster {
        let template = try await template.value
        return try await launch(settings: settings, access: access) { data in
            try await run(["/bin/cp", "-a", template.folder + "/data", data])
            try await prepare(data)
        }
    }

    private static func launch(
        settings: [String: String],
        access: String?,
        fill: (_ data: String) async throws -> Void
    ) async throws -> PostgresCluster {
        let keeper = try FolderKeeper()
        let data = keeper.folder + "/data"
        try await fill(data)
        let port = try freePort()
        var lines = [
            "listen_addresses = '127.0.0.1'", "port = \(port)", "unix_socket_directories = '\(keeper.folder)'",
            "max_connections = 60", "shared_buffers = 16MB",
        ]
        for (name, value) in settings.sorted(by: { $0.key < $1.key }) { lines.append("\(name) = '\(value)'") }
        try append(lines.joined(separator: "\n") + "\n", to: data + "/postgresql.conf")
        if let access { try overwrite(data + "/pg_hba.conf", with: access + "\n") }
        try await keeper.startServer(try binaries())
        return PostgresCluster(folder: keeper.folder, port: port, keeper: keeper)
    }

    /// Starts the server again after its end, on what it left.
    package func startAgain() async throws {
        try await keeper.startServer(try Self.binaries())
    }

    /// Starts a standby of this server, which streams from it under the name `standby`.
    package func startStandby(settings: [String: String] = [:]) async throws -> PostgresCluster {
        let (folder, port) = (self.folder, self.port)
        return try await Self.launch(settings: settings, access: nil) { data in
            let source = "host=\(folder) port=\(port) user=\(Self.superuser) application_name=standby"
            try await Self.run([
                try Self.binaries() + "/pg_basebackup", "-D", data, "-R", "-X", "stream", "-c", "fast", "-d", source,
            ])
        }
    }

    /// Makes a standby the primary.
    package func promote() async throws {
        try await Self.run([try Self.binaries() + "/pg_ctl", "promote", "-w", "-D", folder + "/data"])
    }

    /// Runs SQL as the superuser or another user, and returns the rows, with `|` between columns.
    @discardableResult
    package func sql(
        _ text: String,
        database: String = "postgres",
        user: String = superuser
    ) async throws -> String {
        let arguments = [
            "-h", folder, "-p", String(port), "-U", user, "-d", database, "-X", "-q", "-At",
            "-v", "ON_ERROR_STOP=1",
        ]
        let outcome = try await Program(try Self.binaries() + "/psql", environment: ["PATH": "/usr/bin:/bin"])
            .run(arguments, input: text)
        guard outcome.isSuccess else { throw StartError(reason: outcome.errors) }
        return outcome.output.hasSuffix("\n") ? String(outcome.output.dropLast()) : outcome.output
    }

    /// Makes a database, empty or a copy of `template`, and returns its name.
    package func makeDatabase(template: String = "template1") async throws -> String {
        let name = "test_" + String(UInt64.random(in: .min ... .max), radix: 16)
        try await sql("CREATE DATABASE \(name) TEMPLATE \(template)")
        return name
    }

    /// The server's first process.
    package var processID: Int32? {
        let text = try? String(contentsOfFile: folder + "/data/postmaster.pid", encoding: .utf8)
        return text?.split(separator: "\n").first.flatMap { Int32($0) }
    }

    /// The user and the password-less address of a database on the Unix socket.
    package func address(database: String, user: String = superuser) -> String {
        let path = folder.replacing("/", with: "%2F")
        return "postgres://\(user)@:\(port)/\(database)?host=\(path)"
    }
}

extension PostgresCluster {
    /// The folder of the newest PostgreSQL's programs.
    package static func binaries() throws -> String {
        let versions = "/usr/lib/postgresql"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: versions)) ?? []
        guard let newest = names.compactMap(Int.init).max() else {
            throw StartError(reason: "PostgreSQL isn't installed below \(versions); Scripts/test installs it")
        }
        return "\(versions)/\(newest)/bin"
    }

    /// PostgreSQL's programs refuse root, so root runs them as a user without rights.
    fileprivate static let unprivileged =
        geteuid() == 0 ? ["/usr/bin/setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] : []

    /// Gives a file or folder to the user that the server runs as.
    package static func giveAway(_ path: String) {
        if geteuid() == 0, let user = getpwnam("nobody") { chown(path, user.pointee.pw_uid, user.pointee.pw_gid) }
    }

    /// Text comes in ICU's order by default, so that a column without a collation of its own shows.
    private static func makeTemplate() async throws -> FolderKeeper {
        let keeper = try FolderKeeper()
        try await run([
            try binaries() + "/initdb", "-D", keeper.folder + "/data", "-U", superuser, "-A", "trust", "--no-sync",
            "-E", "UTF8", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US",
        ])
        return keeper
    }

    @discardableResult
    private static func run(_ command: [String]) async throws -> String {
        let words = unprivileged + command
        let outcome = try await Program(words[0], environment: ["PATH": "/usr/bin:/bin"]).run(Array(words.dropFirst()))
        guard outcome.isSuccess else { throw StartError(reason: outcome.errors) }
        return outcome.output
    }

    private static func append(_ text: String, to path: String) throws {
        let file = try FileDescriptor.open(FilePath(path), .writeOnly, options: [.append, .closeOnExec])
        try file.closeAfter { _ = try file.writeAll(text.utf8) }
    }

    private static func overwrite(_ path: String, with text: String) throws {
        let file = try FileDescriptor.open(FilePath(path), .writeOnly, options: [.truncate, .closeOnExec])
        try file.closeAfter { _ = try file.writeAll(text.utf8) }
    }

    private static func freePort() throws -> Int {
        #if canImport(Glibc)
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
        let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, length) == 0 && getsockname(descriptor, pointer, &length) == 0
            }
        }
        guard isBound else { throw StartError(reason: "there is no free port") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}

/// A folder below /tmp of the user that runs PostgreSQL, kept by a process that removes it, after it has stopped a server
/// there, when this object goes or this process ends.
private final class FolderKeeper: Sendable {
    let folder: String
    /// The input of the keeper, which ends with this process too.
    private let input: FileDescriptor
    private let output: FileDescriptor
    private let process: pid_t

    private static let script = #"""
        trap '' INT TERM HUP
        echo ready
        while read -r line; do
            bin=$line
            "$bin/pg_ctl" start -w -D "$1/data" -l "$1/log" >/dev/null 2>&1 && echo started || echo failed
        done
        if [ -e "$1/data/postmaster.pid" ]; then
            kill -CONT "$(head -n 1 "$1/data/postmaster.pid")"
            "$bin/pg_ctl" stop -m immediate -w -t 10 -D "$1/data" >/dev/null 2>&1
        fi
        rm -rf "$1"
        """#

    init() throws {
        folder = "/tmp/bursar-postgres-" + String(UInt64.random(in: .min ... .max), radix: 36)
        mkdir(folder, 0o700)
        PostgresCluster.giveAway(folder)
        let (read, write) = try FileDescriptor.pipe()
        let (result, announce) = try FileDescriptor.pipe()
        (input, output) = (write, result)
        for descriptor in [read, write, result, announce] { _ = fcntl(descriptor.rawValue, F_SETFD, FD_CLOEXEC) }
        let words = PostgresCluster.unprivileged + ["/bin/sh", "-c", Self.script, "sh", folder]
        process = try Self.spawn(words, input: read, output: announce)
        try read.close()
        try announce.close()
        guard try readLine() == "ready" else { throw PostgresCluster.StartError(reason: "no process for \(folder)") }
    }

    deinit {
        try? input.close()
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        try? output.close()
    }

    /// Starts the server whose data lies in the folder, and waits until it takes connections.
    func startServer(_ binaries: String) async throws {
        let answer = try await blocking {
            try self.input.writeAll((binaries + "\n").utf8)
            return try self.readLine()
        }
        guard answer == "started" else {
            let log = try? String(contentsOfFile: folder + "/log", encoding: .utf8)
            throw PostgresCluster.StartError(reason: log ?? "the server doesn't start")
        }
    }

    private func readLine() throws -> String {
        var line: [UInt8] = []
        while true {
            let byte = try [UInt8](unsafeUninitializedCapacity: 1) { buffer, count in
                count = try output.read(into: UnsafeMutableRawBufferPointer(buffer))
            }
            guard let byte = byte.first, byte != UInt8(ascii: "\n") else { break }
            line.append(byte)
        }
        return String(decoding: line, as: UTF8.self)
    }

    private static func spawn(_ words: [String], input: FileDescriptor, output: FileDescriptor) throws -> pid_t {
        #if canImport(Darwin)
        var actions: posix_spawn_file_actions_t?
        #else
        var actions = posix_spawn_file_actions_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input.rawValue, 0)
        posix_spawn_file_actions_adddup2(&actions, output.rawValue, 1)
        let arguments = words.map { strdup($0) } + [nil]
        let environment = [strdup("PATH=/usr/bin:/bin"), nil]
        defer { for text in arguments + environment { free(text) } }
        var process: pid_t = 0
        guard posix_spawn(&process, words[0], &actions, nil, arguments, environment) == 0 else {
            throw PostgresCluster.StartError(reason: "\(words[0]) can't be run")
        }
        return process
    }
}
