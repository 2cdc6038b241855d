#if os(Linux)
import BursarFoundation
import ServerSettings
import Subprocess
import SystemPackage
import TestSupport
import Testing

@testable import vending_server

/// The server under a low limit of open files: libdispatch ends a process without a free descriptor.
@Suite struct OpenFilesTests {
    private func run(_ real: RealServer, limit: Int, _ words: String...) async throws -> Program.Outcome {
        let server = Checkout.program("vending-server")
        return try await Program("/usr/bin/prlimit", environment: real.environment)
            .run(["--nofile=\(limit):\(limit)", server] + words)
    }

    @Test(arguments: [33, 64, 104, 128, 191], ["serve", "dev"])
    func `with too few open files the server doesn't start, and says what to do`(
        limit: Int,
        command: String
    ) async throws {
        let real = try RealServer()
        let outcome = try await run(real, limit: limit, command)
        #expect(outcome.exitCode == 1)
        #expect(
            outcome.errors == """
                vending-server: error: too few open files: \(limit); 192 is the least
                vending-server: hint: ulimit -n 1024, or LimitNOFILE= in the systemd unit

                """
        )
        #expect(outcome.output.isEmpty)
    }

    @Test(arguments: [(64, "problem"), (192, "warning"), (1024, "warning")])
    func `check says whether the limit is enough`(limit: Int, status: String) async throws {
        let real = try RealServer()
        let environment = real.environment.merging(["BURSAR_HTTP_CONNECTIONS": "20000"]) { $1 }
        let outcome = try await Program("/usr/bin/prlimit", environment: environment)
            .run(["--nofile=\(limit):\(limit)", Checkout.program("vending-server"), "check"])
        let line = try #require(outcome.output.split(separator: "\n").first { $0.contains("open files") })
        #expect(line.hasPrefix(status))
        #expect(outcome.exitCode == (status == "problem" ? 1 : 0))
        if status == "warning" { #expect(line.contains("enough for \(limit - 128) of 20000 connections")) }
    }

    /// Once a second libdispatch opens a file for each thread while work is waiting; these clients keep it waiting.
    @Test func `at the lowest limit a crowd on both ports is served, and nothing ends`() async throws {
        let real = try RealServer()
        let port = try await RealServer.freePort()
        let least = ServerOpenFiles.least
        let environment = real.environment.merging(["BURSAR_METRICS_PORT": "\(port)"]) { $1 }
        let names = environment.keys.map(Environment.Key.init(stringLiteral:))
        try await ChildServer.run(
            .path("/bin/sh"),
            [
                "-c", "exec prlimit --nofile=\(least):\(least) \"$0\" \"$@\" 2>&1",
                Checkout.program("vending-server"), "serve",
            ],
            environment: Dictionary(uniqueKeysWithValues: zip(names, environment.values)),
            announcement: "http://127.0.0.1:"
        ) { server in
            let python = Program("/usr/bin/env", environment: ["PATH": "/usr/bin:/bin"])
            let crowd = try await python.run(["python3", "-c", Self.crowd, "\(server.port)", "\(port)"])
            #expect(crowd.isSuccess, "\(crowd.errors)")
            let answered = crowd.output.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
            #expect(answered.count == 2 && answered.allSatisfy { $0 > 0 }, "\(crowd.output)")
            let health = try await real.run("/usr/bin/curl", ["-s", "-m", "20", server.url + "/healthz"])
            #expect(health.isSuccess, "the server has ended")
        }
    }

    /// Two hundred clients on each port, 150 requests each at most; prints the number of responses from each.
    private static let crowd = #"""
        import socket, sys, threading
        answered = [0, 0]
        def client(place, port, path):
            try:
                connection = socket.create_connection(("127.0.0.1", port), timeout=5)
                for _ in range(150):
                    connection.sendall(b"GET " + path + b" HTTP/1.1\r\nHost: x\r\n\r\n")
                    if not connection.recv(65536): return
                    answered[place] += 1
            except OSError:
                pass
        threads = [threading.Thread(target=client, args=(place, int(sys.argv[1 + place]), path))
                   for place, path in enumerate([b"/healthz", b"/metrics"]) for _ in range(200)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        print(*answered)
        """#

    @Test func `where the system refuses a lower priority for hashing, the log has one line about it`() async throws {
        let real = try RealServer()
        let source = try real.write(
            """
            #include <errno.h>
            int setpriority(int which, unsigned who, int value) { errno = EPERM; return -1; }
            """,
            to: "priority.c"
        )
        let library = real.folder + "/priority.so"
        let made = try await Program("/usr/bin/env", environment: ProcessInfo.processInfo.environment)
            .run(["clang", "-shared", "-fPIC", "-o", library, source])
        try #require(made.isSuccess, "\(made.errors)")
        let settings = ["LD_PRELOAD": library, "BURSAR_LOG_FORMAT": "text"]
        let environment = real.environment.merging(settings) { $1 }
        let names = environment.keys.map(Environment.Key.init(stringLiteral:))
        // The line is logged before the server listens.
        let log = real.folder + "/log"
        try await ChildServer.run(
            .path("/bin/bash"),
            ["-c", "exec \"$0\" serve > >(tee \"$1\") 2>&1", Checkout.program("vending-server"), log],
            environment: Dictionary(uniqueKeysWithValues: zip(names, environment.values)),
            announcement: "http://127.0.0.1:"
        ) { server in
            server.stop()
            #expect(await server.lines.first { $0.contains(" stopped ") } != nil)
        }
        let lines = try String(contentsOf: URL(filePath: log), encoding: .utf8).split(separator: "\n")
        let said = lines.filter { $0.contains("lower priority for hashing") }
        #expect(said.count == 1)
        #expect(said.first?.contains(" warning ") == true && said.first?.contains("errno=1") == true)
    }
}
#endif
