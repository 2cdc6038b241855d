import SystemPackage
import TestSupport
import Testing

/// The built program on a pseudo-terminal, as a user sees it.
struct TerminalTests {
    let home: Home

    init() throws {
        home = try Home()
    }

    @Test func `a typed key is not shown, and the terminal echoes again afterwards`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            let seen = try await onTerminal(
                ["install", "--url", server.url],
                typing: Home.key + "\r",
                after: "Key for"
            )
            #expect(seen.output.contains("knows this key: ada"))
            #expect(!seen.output.contains(Home.key))
            #expect(seen.output.hasSuffix("echo True exit 0\n"))
        }
    }

    @Test func `Ctrl-C at the prompt ends it, and the terminal echoes again afterwards`() async throws {
        let arguments = ["install", "--url", "https://localhost:1"]
        let seen = try await onTerminal(arguments, typing: "\u{3}", after: "Key for")
        #expect(seen.output.contains("stopped; nothing was changed"))
        #expect(seen.output.hasSuffix("echo True exit 1\n"))
        #expect(!home.files.contains { $0.hasSuffix(".json") })
    }

    @Test(arguments: [("y\r", true), ("\r", false), ("n\r", false)])
    func `taking a profile away is asked for`(answer: String, isGone: Bool) async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            let seen = try await onTerminal(["uninstall"], typing: answer, after: "[y/N]")
            #expect(seen.output.contains("take away profile temp-bedrock and its key? [y/N]"))
            #expect((home.text(".config/bursar/temp-bedrock.json") == nil) == isGone)
        }
    }

    @Test func `what changed while the question stood is not undone by an old answer`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            let removal = "rm '\(home.path.appending(".config/bursar/temp-bedrock.json"))'"
            let seen = try await onTerminal(
                ["uninstall"],
                typing: "y\r",
                after: "[y/N]",
                environment: ["MEANWHILE": removal]
            )
            #expect(seen.output.contains("profile temp-bedrock is not installed"))
            #expect(home.text(".aws/config")?.contains("[profile temp-bedrock]") == true)
        }
    }

    @Test(arguments: [
        (["TERM": "xterm"], true), (["TERM": "dumb"], false), (["TERM": "xterm", "NO_COLOR": "1"], false),
    ])
    func `an error is coloured where colours are welcome`(environment: [String: String], isColored: Bool) async throws {
        let seen = try await onTerminal(["process"], environment: environment)
        #expect(seen.output.contains("\u{1B}[1;31merror\u{1B}[0m: ") == isColored)
        #expect(seen.output.contains("profile temp-bedrock is not installed"))
    }

    private func onTerminal(
        _ arguments: [String],
        typing input: String = "",
        after prompt: String = "",
        environment: [String: String] = [:]
    ) async throws -> Program.Outcome {
        let environment = home.environment.merging(environment) { $1 }
        return try await Program("/usr/bin/env", environment: environment)
            .run(["python3", "-c", Self.script, prompt, input, Checkout.program("creds")] + arguments)
    }

    private static let script = #"""
        import os, pty, sys, termios
        prompt, text, program = sys.argv[1].encode(), sys.argv[2].encode(), sys.argv[3]
        main, child = pty.openpty()
        process = os.fork()
        if process == 0:
            os.login_tty(child)
            os.execv(program, [program] + sys.argv[4:])
        seen = b""
        while prompt and prompt not in seen:
            seen += os.read(main, 4096)
        if text:
            while prompt.startswith(b"Key") and termios.tcgetattr(child)[3] & termios.ECHO:
                pass
            os.system(os.environ.get("MEANWHILE", ":"))
            os.write(main, text)
        status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        echoes = bool(termios.tcgetattr(child)[3] & termios.ECHO)
        os.close(child)
        try:
            while part := os.read(main, 4096):
                seen += part
        except OSError:
            pass
        sys.stdout.write(seen.decode().replace("\r\n", "\n") + f"echo {echoes} exit {status}\n")
        """#
}
