import SystemPackage
import TestSupport
import Testing

/// The screen of a real terminal emulator, with its colours.
@Suite(.enabled(if: (try? FilePath("/usr/bin/tmux").stat()) != nil))
struct TmuxTests {
    let home: Home
    private static let old = "[temp-bedrock]\ncredential_process = /old.py\n"

    init() throws {
        home = try Home()
    }

    @Test(arguments: [true, false])
    func `an older helper's entry is asked about before the key`(isAgreed: Bool) async throws {
        try home.write(Self.old, to: ".aws/credentials")
        try home.write("{}", to: ".aws/credentials_cache_python.json", mode: 0o644)
        try await FakeBursar.run(.hour, home: home) { server in
            let question = ["take it out?", isAgreed ? "y\r" : "n\r"]
            let rest = [["Key for", Home.key + "\r"], ["remove them?", "n\r"]]
            let screen = try await screen(["install", "--url", server.url], [question] + (isAgreed ? rest : []))
            #expect(!screen.contains(Home.key.suffix(20)))
            #expect(screen.contains("exit \(isAgreed ? 0 : 1)"))
            #expect(home.text(".aws/credentials") == (isAgreed ? "" : Self.old))
            #expect(home.text(".aws/credentials_cache_python.json") == "{}")
            if isAgreed {
                #expect(screen.contains("is out of "))
                #expect(screen.contains("\u{1B}[33mwarning"))
                #expect(screen.contains("an older helper left credentials in "))
            } else {
                #expect(screen.contains("stopped; nothing was changed"))
                #expect(home.text(".config/bursar/temp-bedrock.json") == nil)
            }
        }
    }

    @Test func `an older helper's cache goes when that is agreed to`() async throws {
        try home.write("{}", to: ".aws/credentials_cache_python.json", mode: 0o644)
        try await FakeBursar.run(.hour, home: home) { server in
            let answers = [["Key for", Home.key + "\r"], ["remove them?", "y\r"]]
            let screen = try await screen(["install", "--url", server.url], answers)
            #expect(screen.contains("the older helper's cache is gone"))
            #expect(home.text(".aws/credentials_cache_python.json") == nil)
        }
    }

    @Test func `errors are red, hints bold, and data plain`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            let failed = try await screen(["process", "--profile", "nobody"])
            #expect(failed.hasPrefix("creds: \u{1B}[1m\u{1B}[31merror\u{1B}[0m"))
            #expect(failed.contains(": profile nobody is not installed\ncreds: \u{1B}[1mhint\u{1B}[0m"))
            let printed = try await screen(["process"])
            #expect(printed.hasPrefix(#"{"Version":1,"AccessKeyId":"ASIAEXAMPLE0000000001""#))
            #expect(!printed.contains("\u{1B}"))
        }
    }

    /// Answers each prompt of `dialogue`, and returns the screen when the command has ended.
    private func screen(_ arguments: [String], _ dialogue: [[String]] = []) async throws -> String {
        let steps = dialogue.flatMap { $0 }
        let python = ["python3", "-c", Self.script, "\(steps.count)"]
        let environment = home.environment.merging(["LC_ALL": "C.UTF-8"]) { $1 }
        let outcome = try await Program("/usr/bin/env", environment: environment)
            .run(python + steps + [Checkout.program("creds")] + arguments)
        try #require(outcome.isSuccess, "\(outcome.errors)")
        return outcome.output
    }

    private static let script = #"""
        import os, shlex, subprocess, sys, termios, time
        count = int(sys.argv[1])
        steps, command = sys.argv[2:2 + count], sys.argv[2 + count:]
        socket = os.path.join(os.environ["HOME"], "tmux")

        def tmux(*arguments):
            done = subprocess.run(["tmux", "-S", socket, "-f", "/dev/null", *arguments], capture_output=True, text=True,
                                  timeout=600)
            if done.returncode:
                sys.exit(done.stderr)
            return done.stdout

        def screen():
            return tmux("capture-pane", "-p", "-e", "-J", "-S", "-")

        def wait(condition):
            end = time.monotonic() + 600
            while not condition():
                if time.monotonic() > end:
                    sys.exit("waited too long; the screen says:\n" + screen())
                time.sleep(0.02)

        def is_silent():
            terminal = os.open(tmux("display-message", "-p", "#{pane_tty}").strip(), os.O_RDONLY | os.O_NOCTTY)
            try:
                return not termios.tcgetattr(terminal)[3] & termios.ECHO
            finally:
                os.close(terminal)

        shell = shlex.join(command) + '; echo "exit $?"; exec sleep 1000'
        tmux("new-session", "-d", "-x", "200", "-y", "40", shell)
        try:
            for question, answer in zip(steps[::2], steps[1::2]):
                wait(lambda: question in screen())
                if question.startswith("Key"):
                    wait(is_silent)
                tmux("send-keys", "-l", answer)
            wait(lambda: "exit " in screen())
            print(screen().rstrip())
        finally:
            tmux("kill-server")
        """#
}
