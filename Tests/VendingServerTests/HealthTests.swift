import BursarFoundation
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// `vending-server health` with the server's own settings, as health checks run it.
@Suite struct HealthTests {
    private func health(
        _ real: RealServer,
        _ settings: [String: String],
        _ more: [String] = []
    ) async throws -> Program.Outcome {
        let environment = real.environment.merging(settings) { $1 }
        return try await Program(Checkout.program("vending-server"), environment: environment).run(["health"] + more)
    }

    @Test func `a server that answers is alive, one that is paused isn't ready`() async throws {
        let real = try RealServer()
        try await real.serve { server in
            let port = ["BURSAR_HTTP_PORT": "\(server.port)"]
            for options in [[], ["--ready"]] {
                let outcome = try await health(real, port, options)
                #expect(outcome.isSuccess && outcome.output.isEmpty && outcome.errors.isEmpty, "\(outcome.errors)")
            }
            let pause = try await real.run(Checkout.program("admin"), ["vending", "pause", "--yes"])
            #expect(pause.isSuccess)
            try await Waiting.until("the pause") { try await !health(real, port, ["--ready"]).isSuccess }
            let outcome = try await health(real, port, ["--ready"])
            #expect(outcome.exitCode == 1)
            #expect(outcome.errors.contains("isn't ready"))
            #expect(try await health(real, port).isSuccess)
        }
    }

    @Test func `with TLS it asks over TLS, whatever name the certificate has`() async throws {
        let real = try RealServer()
        let (certificate, key) = try await real.makeCertificate("bursar.example.edu")
        let files = ["BURSAR_TLS_CERTIFICATE": certificate, "BURSAR_TLS_KEY": key]
        try await real.serve(files, scheme: "https") { server in
            let port = ["BURSAR_HTTP_PORT": "\(server.port)"]
            let both = files.merging(port) { $1 }
            let secure = try await health(real, both)
            #expect(secure.isSuccess)
            let plain = try await health(real, port)
            #expect(plain.exitCode == 1, "in plain HTTP there is no answer")
        }
    }

    /// No listener, and one that never responds.
    @Test(arguments: [true, false])
    func `without an answer it fails, and doesn't wait for ever`(_ isSilent: Bool) async throws {
        let real = try RealServer()
        let script = """
            import socket, time
            listener = socket.create_server(("127.0.0.1", 0))
            if not \(isSilent ? "True" : "False"): port = listener.getsockname()[1]; listener.close()
            else: port = listener.getsockname()[1]
            print("listening", port, flush=True)
            time.sleep(600)
            """
        try await ChildServer.run(.path("/usr/bin/python3"), ["-c", script]) { peer in
            let outcome = try await health(real, ["BURSAR_HTTP_PORT": "\(peer.port)"])
            #expect(outcome.exitCode == 1)
            #expect(outcome.errors == "vending-server: error: no server answers at 127.0.0.1:\(peer.port)\n")
        }
    }

    @Test func `a port that the server takes by chance can't be asked`() async throws {
        let real = try RealServer()
        let outcome = try await health(real, [:])
        #expect(outcome.exitCode == 1)
        #expect(outcome.errors.contains("hint: set BURSAR_HTTP_PORT"))
    }
}
