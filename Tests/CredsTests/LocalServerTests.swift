import Synchronization
import TestSupport
import Testing

@testable import creds

/// The server under `serve` and `proxy`, with misbehaving clients.
struct LocalServerTests {
    @Test(.timeLimit(.minutes(5))) func `a client that sends no head is let go`() async throws {
        var limits = LocalServer.Limits()
        limits.headTime = .milliseconds(50)
        limits.idle = .seconds(3600)
        let handler: LocalServer.Handler = { _, _, answer in try await answer.refuse(.notFound) }
        try await Self.run(limits, handler) { port in
            let answer = try await Self.talk(port, sending: "GET / HTTP/1.1\r\nHo")
            #expect(answer.isEmpty)
        }
    }

    @Test(.timeLimit(.minutes(5))) func `a client that holds its body back gets an error that says so`() async throws {
        var limits = LocalServer.Limits()
        limits.body = 1000
        limits.bodyTime = .milliseconds(50)
        limits.idle = .seconds(3600)
        let pieces = Mutex(0)
        let handler: LocalServer.Handler = { _, relay, answer in
            do {
                for try await piece in relay { pieces.withLock { $0 += piece.count } }
            } catch let refusal as LocalEndpointError {
                try await answer.refuse(refusal)
            }
        }
        try await Self.run(limits, handler) { port in
            let answer = try await Self.talk(port, sending: "POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc")
            #expect(answer.hasPrefix("HTTP/1.1 408 "))
            #expect(answer.contains("body_stalled"))
            #expect(pieces.withLock { $0 } == 3)
        }
    }

    /// A client whose responses end with the connection, however it ends.
    @Test(.timeLimit(.minutes(5))) func `a client that can't tell a part from the whole is refused`() async throws {
        let handler: LocalServer.Handler = { _, _, answer in try await answer.refuse(.notFound) }
        try await Self.run(LocalServer.Limits(), handler) { port in
            let answer = try await Self.talk(port, sending: "GET / HTTP/1.0\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 505 "))
        }
    }

    @Test(.timeLimit(.minutes(5))) func `a hundred silent clients keep nobody out`() async throws {
        let handler: LocalServer.Handler = { _, _, answer in try await answer.refuse(.notFound) }
        let script = """
            import socket, sys
            open = lambda: socket.create_connection(("127.0.0.1", int(sys.argv[1])))
            silent = [open() for _ in range(100)]
            last = open()
            last.sendall(b"GET / HTTP/1.1\\r\\n\\r\\n")
            print(last.recv(12).decode())
            """
        try await Self.run(LocalServer.Limits(), handler) { port in
            let seen = try await Program("/usr/bin/python3").run(["-c", script, "\(port)"])
            #expect(seen.output == "HTTP/1.1 404\n", "\(seen.errors)")
        }
    }

    private static func run(
        _ limits: LocalServer.Limits,
        _ handler: @escaping LocalServer.Handler,
        body: (Int) async throws -> Void
    ) async throws {
        let server = try await LocalServer.listen(port: 0, limits: limits)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run(handler) }
            try await body(server.port)
            group.cancelAll()
        }
    }

    /// The output until the connection ends.
    private static func talk(_ port: Int, sending text: String) async throws -> String {
        let script = #"exec 3<>/dev/tcp/127.0.0.1/$0; printf %s "$1" >&3; cat <&3"#
        return try await Program("/bin/bash").run(["-c", script, "\(port)", text]).output
    }
}
