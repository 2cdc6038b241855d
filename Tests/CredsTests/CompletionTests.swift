import TestSupport
import Testing

/// `creds completions`, in the shells themselves.
struct CompletionTests {
    let home: Home

    init() throws {
        home = try Home()
    }

    @Test(arguments: [("creds sho", ["show-token"]), ("creds st", ["status"]), ("creds doctor --inv", ["--invoke"])])
    func `bash completes commands and options`(line: String, expected: [String]) async throws {
        #expect(try await bash(line) == expected)
    }

    @Test func `bash completes installed profiles and formats`() async throws {
        try home.write("{}", to: ".config/bursar/lab.json")
        try home.write("{}", to: ".config/bursar/lab-two.json")
        try home.write("{}", to: ".config/bursar/-not a name.json")
        #expect(try await bash("creds status --profile l") == ["lab", "lab-two"])
        #expect(try await bash("creds models --format ") == ["csv", "json", "table"])
    }

    @Test func `fish completes commands and installed profiles`() async throws {
        try home.write("{}", to: ".config/bursar/lab.json")
        #expect(try await fish("creds sho").contains("<creds show-token "))
        #expect(try await fish("creds status --profile l").contains("<creds status --profile lab "))
    }

    @Test func `zsh completes commands and installed profiles`() async throws {
        try home.write("{}", to: ".config/bursar/lab.json")
        #expect(try await zsh("creds sho").contains("<creds show-token "))
        #expect(try await zsh("creds status --profile l").contains("<creds status --profile lab "))
    }

    @Test func `a profile with a colon in its name is offered whole`() async throws {
        try home.write("{}", to: ".config/bursar/012345678901:AdministratorAccess.json")
        #expect(try await bash("creds status --profile 0") == ["012345678901:AdministratorAccess"])
        let zsh = try await zsh("creds status --profile 0")
        #expect(zsh.replacing("\\", with: "").contains("<creds status --profile 012345678901:AdministratorAccess "))
        #expect(try await fish("creds status --profile 0").contains("--profile 012345678901:AdministratorAccess "))
    }

    @Test func `a file's name is completed where a file is asked for`() async throws {
        try home.write("", to: "my-key-of-ada.txt")
        #expect(try await zsh("creds install --key-file ~/my-k").contains("my-key-of-ada.txt "))
        #expect(try await fish("creds install --key-file ~/my-k").contains("my-key-of-ada.txt "))
    }

    @Test func `without profiles there are no completions and no errors`() async throws {
        #expect(try await bash("creds status --profile ") == [])
    }

    @Test func `another shell is refused`() async throws {
        let refused = try await home.creds("completions", "tcsh")
        #expect(refused.exitCode == 64)
        #expect(refused.errors.contains("bash") && refused.errors.contains("fish"))
    }

    private func script(_ shell: String) async throws -> String {
        let outcome = try await home.creds("completions", shell)
        #expect(outcome.isSuccess && outcome.errors.isEmpty)
        return outcome.output
    }

    private var environment: [String: String] {
        let folder = Checkout.program("")
        return home.environment.merging(["PATH": "\(folder):/usr/bin:/bin", "TERM": "dumb"]) { $1 }
    }

    /// The completions that bash offers, in order.
    private func bash(_ line: String) async throws -> [String] {
        let end = #"""

            COMP_LINE=$1 COMP_POINT=${#1} COMP_TYPE=9
            read -ra COMP_WORDS <<<"$1"
            case $1 in *' ') COMP_WORDS+=("") ;; esac
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _creds creds "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
            printf '%s\n' "${COMPREPLY[@]}"
            """#
        let outcome = try await Program("/bin/bash", environment: environment)
            .run(["-c", try await script("bash") + end, "bash", line])
        #expect(outcome.errors.isEmpty)
        return outcome.output.split(separator: "\n").map { String($0.drop { $0 == " " }) }.sorted()
    }

    /// The line as fish completes it when Tab is pressed on a terminal.
    private func fish(_ line: String) async throws -> String {
        try home.write(try await script("fish"), to: ".config/fish/completions/creds.fish")
        // The completed line is printed where Enter would run it.
        let setup = #"""
            function fish_prompt; end; function fish_greeting; end
            function show; echo "line is <"(commandline)">"; commandline ""; end; bind \cx show; echo re""ady
            """#
        return try await onTerminal(["fish", "-i"], setup.replacing("\n", with: "; "), line)
    }

    /// The line as zsh completes it when Tab is pressed on a terminal.
    private func zsh(_ line: String) async throws -> String {
        try home.write(try await script("zsh"), to: "functions/_creds")
        let setup = #"""
            fpath=(~/functions $fpath); autoload -U compinit; compinit -u -D; PS1=; bindkey -e
            show() { print -r -- "line is <$BUFFER>"; zle kill-whole-line }; zle -N show; bindkey '^X' show
            print re''ady
            """#
        return try await onTerminal(["zsh", "-f", "-i"], setup.replacing("\n", with: "; "), line)
    }

    /// The text after `line is` once `line`, Tab and Ctrl-X are typed.
    private func onTerminal(_ shell: [String], _ setup: String, _ line: String) async throws -> String {
        let outcome = try await Program("/usr/bin/env", environment: environment)
            .run(["python3", "-c", Self.terminal, setup, line] + shell)
        #expect(outcome.errors.isEmpty)
        return outcome.output
    }

    private static let terminal = #"""
        import os, select, sys
        setup, line, shell = sys.argv[1], sys.argv[2], sys.argv[3:]
        main, child = os.openpty()
        process = os.fork()
        if process == 0:
            os.login_tty(child)
            os.execvp(shell[0], shell)
        os.close(child)

        def until(mark):
            seen = b""
            while mark not in seen and select.select([main], [], [], 20)[0]:
                seen += os.read(main, 4096)
            return seen

        os.write(main, setup.encode() + b"\n")
        until(b"ready\r\n")
        os.write(main, line.encode() + b"\t\x18")
        seen = until(b">\r\n").decode()
        os.close(main)
        print(seen[seen.rfind("line is <"):])
        """#
}
