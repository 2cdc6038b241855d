#if os(Linux)
import TestSupport
import Testing

@testable import creds

/// The local endpoints under a low limit of open files: libdispatch ends a process without a free descriptor.
struct OpenFilesTests {
    let home: Home

    init() throws {
        home = try Home()
    }

    @Test(arguments: [(80, 20), (100, 30), (552, 256), (1_000_000, 256)])
    func `connections are as many as open files allow`(openFiles: Int, connections: Int) throws {
        #expect(try LocalServer.Limits.forThisProcess(openFiles: openFiles).connections == connections)
    }

    @Test(arguments: [["serve"], ["proxy", "--region", "us-east-1"]], [64, 79])
    func `with too few open files an endpoint doesn't start, and says what to do`(
        words: [String],
        limit: Int
    ) async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            let outcome = try await Program("/usr/bin/prlimit", environment: home.environment)
                .run(["--nofile=\(limit):\(limit)", Checkout.program("creds")] + words)
            #expect(outcome.exitCode == 1)
            #expect(outcome.errors.contains("creds: error: too few open files: \(limit); 80 is the least\n"))
            #expect(outcome.output.contains("unset "))
        }
    }

    /// Once a second libdispatch opens a file for each thread while work is waiting; these clients keep it waiting.
    @Test func `at the lowest limit a crowd is served or turned away, and nothing ends`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            try await ServedEndpoint.run(home, openFiles: 80) { endpoint in
                let crowd = try await endpoint.python(Self.crowd, endpoint.url, endpoint.token)
                #expect(crowd.isSuccess, "\(crowd.errors)")
                #expect(try #require(Int(crowd.output.filter(\.isNumber))) > 0)
                #expect(try await endpoint.get("-f").isSuccess, "the endpoint has ended")
            }
        }
    }

    /// A hundred clients, fifty requests each at most; prints the number of responses.
    private static let crowd = #"""
        import socket, sys, threading, urllib.parse
        url, token = urllib.parse.urlsplit(sys.argv[1]), sys.argv[2]
        head = f"GET {url.path} HTTP/1.1\r\nHost: {url.netloc}\r\nAuthorization: {token}\r\n\r\n".encode()
        answered = []
        def client():
            for _ in range(50):
                try:
                    with socket.create_connection((url.hostname, url.port), timeout=5) as connection:
                        connection.sendall(head)
                        if b" 200 " in connection.recv(65536): answered.append(1)
                except OSError:
                    pass
        threads = [threading.Thread(target=client) for _ in range(100)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        print(len(answered))
        """#
}
#endif
