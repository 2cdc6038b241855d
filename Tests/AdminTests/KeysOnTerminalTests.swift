import FoundationEssentials
import TestSupport
import Testing

/// What an operator sees on a terminal, a narrow one too, and what a pipe gets that is closed early.
@Suite struct KeysOnTerminalTests {
    private let world: KeysWorld

    init() throws {
        world = try KeysWorld()
    }

    /// Runs `admin` on a terminal of so many columns, types `answer`, and returns what stood on it and the exit code.
    private func screen(_ words: String, columns: Int, answer: String = "", setting: String = "") async throws -> String
    {
        let script = #"""
            import fcntl, os, pty, struct, sys, termios
            columns, answer, setting, *command = sys.argv[1:]
            if setting: os.environ[setting] = "1"
            child, terminal = pty.fork()
            if child == 0:
                fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, int(columns), 0, 0))
                os.execv(command[0], command)
            shown = b""
            while True:
                try:
                    more = os.read(terminal, 65536)
                except OSError:
                    break
                if not more: break
                shown += more
                if answer and b"[y/N]" in shown:
                    os.write(terminal, answer.encode() + b"\n")
                    answer = ""
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            print(shown.decode().replace("\r\n", "\n") + f"exit {code}")
            """#
        let command = [Checkout.program("admin")] + words.split(separator: " ").map(String.init)
        return try await world.python(script, ["\(columns)", answer, setting] + command)
    }

    @Test func `a wide terminal has a line for each key, a narrow one a block, and nothing is lost`() async throws {
        try await world.begin()
        try await world.output("researchers update ada --name", "Адa 日本語 e\u{301}👩‍🔬")
        let id = try await world.issue("--label laptop")
        let wide = try await screen("keys list", columns: 120)
        #expect(wide.contains("\u{1B}[1mid            researcher  project  label   state   expires"))
        #expect(wide.contains("\n\(id)  ada         engines  laptop  active  "))
        let narrow = try await screen("keys list", columns: 40)
        #expect(narrow.contains("\u{1B}[1mid\u{1B}[0m          \(id)\n"))
        #expect(narrow.contains("\u{1B}[1mlabel\u{1B}[0m       laptop\n"))
        #expect(narrow.hasSuffix("exit 0\n"))
    }

    @Test func `between the two, words are cut and ids are not`() async throws {
        try await world.begin()
        let id = try await world.issue("--label a-label-that-goes-on-and-on-for-very-many-columns")
        let shown = try await screen("keys list", columns: 100, setting: "NO_COLOR")
        #expect(!shown.contains("\u{1B}"))
        #expect(shown.contains(id) && shown.contains("a-label-that-") && shown.contains("…"))
        #expect(shown.split(separator: "\n").allSatisfy { $0.count <= 100 })
    }

    @Test(arguments: [("y", "revoked key", "exit 0"), ("n", "stopped; nothing was changed", "exit 1")])
    func `revoking asks on a terminal`(answer: String, said: String, code: String) async throws {
        try await world.begin()
        let id = try await world.issue()
        let shown = try await screen("keys revoke \(id) --reason lost", columns: 80, answer: answer)
        #expect(shown.contains("revoke key \(id) for good? [y/N]"))
        #expect(shown.contains(said) && shown.hasSuffix(code + "\n"))
    }

    @Test(arguments: ["table", "json", "csv"])
    func `a reader that has seen enough is no error`(format: String) async throws {
        try await world.begin()
        _ = try await world.issue()
        let closed = try await closedPipe("keys list --format \(format)")
        #expect(closed == "0 ")
    }

    @Test func `a key that nobody could read isn't made`() async throws {
        try await world.begin()
        #expect(try await closedPipe("keys issue ada").hasPrefix("1 admin: error: the key could not be printed"))
        #expect(try await world.admin("keys list").errors.contains("no keys yet"))
    }

    /// Runs `admin` with a stdout that nobody reads: its exit code, and what it said on stderr.
    private func closedPipe(_ words: String) async throws -> String {
        let script = """
            import os, subprocess, sys
            reader, writer = os.pipe()
            os.close(reader)
            done = subprocess.run(sys.argv[1:], stdout=writer, stderr=subprocess.PIPE, text=True)
            print(done.returncode, done.stderr, end="")
            """
        return try await world.python(
            script,
            [Checkout.program("admin")] + words.split(separator: " ").map(String.init)
        )
    }
}
