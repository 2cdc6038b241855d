import BursarFoundation
import TestSupport
import Testing

/// The output on a terminal, a narrow one too, and in a pipe that is closed early.
@Suite struct KeysOnTerminalTests {
    private let home: OperatorHome

    init() throws {
        home = try OperatorHome()
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
                if answer and (b"[y/N]" in shown or b"to quit" in shown):
                    os.write(terminal, answer.encode() + b"\n")
                    answer = ""
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            print(shown.decode().replace("\r\n", "\n") + f"exit {code}")
            """#
        let command = [Checkout.program("admin")] + words.split(separator: " ").map(String.init)
        return try await home.python(script, ["\(columns)", answer, setting] + command)
    }

    /// In a name, a project and a label, as the writer of the file could leave them: a title, a cleared screen, C1, a
    /// reversed line.
    @Test(arguments: [
        "usage report --format csv", "usage report --format json", "usage report", "usage report --by key --format csv",
        "usage export --format csv", "usage export", "keys list --format csv", "keys list", "researchers list",
        "researchers list --format csv", "researchers show ada", "audit list --format csv", "usage top",
    ])
    func `nothing that the database holds steers a terminal, and to a pipe bytes stay as they are`(
        _ command: String
    ) async throws {
        try await home.addAda()
        let id = try await home.issueKey()
        let hostile = "char(27) || ']0;gone' || char(7, 27) || '[2J' || char(155) || '31m' || char(8238) || 'x'"
        try await home.tamper(
            """
            DROP TRIGGER researchers_follow_projects; DROP TRIGGER keys_follow_projects;
            UPDATE researchers SET name = \(hostile), project = \(hostile);
            UPDATE keys SET label = \(hostile), project = \(hostile);
            """
        )
        try await home.sql(
            """
            INSERT INTO records (sequence, kind, occurred_at, researcher, key_id, actor, expires_at, hash)
            SELECT max(sequence) + 1, 'vend', 1000 * unixepoch(), 'ada' || \(hostile), '\(id)', \(hostile), 0, zeroblob(32)
            FROM records
            """
        )
        try await home.sql(
            "INSERT INTO usage_daily SELECT occurred_at / 86400000, key_id, 'vended', 1, occurred_at FROM records "
                + "WHERE kind = 'vend'"
        )
        let shown = try await screen(command, columns: 120, answer: command == "usage top" ? "q" : "")
        let codes = [
            "[0m", "[1m", "[2m", "[32m", "[33m", "[1;31m", "[H", "[K", "[J", "[?1049h", "[?25l", "[?25h", "[?1049l",
        ]
        let plain = codes.reduce(shown) { $0.replacing("\u{1B}" + $1, with: "") }
        #expect(plain.hasSuffix("exit 0\n"), "\(plain)")
        for scalar in ["\u{1B}", "\u{7}", "\u{9B}", "\u{202E}"] { #expect(!plain.contains(scalar), "\(plain)") }
        guard command.hasSuffix("csv"), !command.hasPrefix("audit") else { return }
        #expect(try await home.output(command).contains("\u{1B}[2J\u{9B}31m\u{202E}x"))
    }

    @Test func `a wide terminal has a line for each key, a narrow one a block, and nothing is lost`() async throws {
        try await home.addAda()
        try await home.output("researchers update ada --name", "Адa 日本語 e\u{301}👩‍🔬")
        let id = try await home.issueKey("--label laptop")
        let wide = try await screen("keys list", columns: 120)
        #expect(wide.contains("\u{1B}[1mid            researcher  project  label   state   expires"))
        #expect(wide.contains("\n\(id)  ada         engines  laptop  active  "))
        let narrow = try await screen("keys list", columns: 40)
        #expect(narrow.contains("\u{1B}[1mid\u{1B}[0m          \(id)\n"))
        #expect(narrow.contains("\u{1B}[1mlabel\u{1B}[0m       laptop\n"))
        #expect(narrow.hasSuffix("exit 0\n"))
    }

    @Test func `what state a key is in has a colour, and the database's name is faint`() async throws {
        try await home.addAda()
        let (gone, soon) = (try await home.issueKey(), try await home.issueKey("--expires 5d"))
        _ = try await home.issueKey()
        try await home.output("keys revoke \(gone) --reason lost --yes")
        let lines = try await screen("keys list", columns: 120).split(separator: "\n")
        func line(_ id: String) -> Substring? { lines.first { $0.hasPrefix(id) } }
        #expect(line(gone)?.contains("\u{1B}[1;31mrevoked\u{1B}[0m") == true)
        #expect(line(soon)?.contains("  active   \u{1B}[33m") == true)
        #expect(lines.first == "\u{1B}[2madmin: database: \(home.database)\u{1B}[0m")
        #expect(try await !home.output("keys list").contains("\u{1B}"))
    }

    @Test func `the last vend is left out before names are cut to a stump`() async throws {
        try await home.addAda()
        try await home.add("somebody-with-a-long-handle", project: "exoplanets-and-stars")
        try await home.output("keys issue somebody-with-a-long-handle --quiet")
        let shown = try await screen("keys list", columns: 80, setting: "NO_COLOR")
        #expect(shown.contains("somebody-with-a-"), "\(shown)")
        #expect(!shown.contains("last vend"))
    }

    @Test func `between the two, words are cut and ids are not`() async throws {
        try await home.addAda()
        let id = try await home.issueKey("--label a-label-that-goes-on-and-on-for-very-many-columns")
        let shown = try await screen("keys list", columns: 100, setting: "NO_COLOR")
        #expect(!shown.contains("\u{1B}"))
        #expect(shown.contains(id) && shown.contains("a-label-that-") && shown.contains("…"))
        #expect(shown.split(separator: "\n").allSatisfy { $0.count <= 100 })
    }

    @Test(arguments: [("y", "revoked key", "exit 0"), ("n", "stopped; nothing was changed", "exit 1")])
    func `revoking asks on a terminal`(answer: String, said: String, code: String) async throws {
        try await home.addAda()
        let id = try await home.issueKey()
        let shown = try await screen("keys revoke \(id) --reason lost", columns: 80, answer: answer)
        #expect(shown.contains("revoke key \(id) for good? [y/N]"))
        #expect(shown.contains(said) && shown.hasSuffix(code + "\n"))
    }

    @Test(arguments: ["table", "json", "csv"])
    func `a reader that has seen enough is no error`(format: String) async throws {
        try await home.addAda()
        _ = try await home.issueKey()
        let closed = try await closedPipe("keys list --format \(format)")
        #expect(closed == "0 ")
    }

    @Test func `a key that nobody could read isn't made`() async throws {
        try await home.addAda()
        #expect(try await closedPipe("keys issue ada").hasPrefix("1 admin: error: the key could not be printed"))
        #expect(try await home.admin("keys list").errors.contains("no keys yet"))
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
        return try await home.python(
            script,
            [Checkout.program("admin")] + words.split(separator: " ").map(String.init)
        )
    }
}
