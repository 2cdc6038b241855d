import ArgumentParser
import BursarConsole
import BursarModel

/// Runs a command line and reports its errors: on stderr, with a hint, and to the shell that evaluates the output.
enum CLIRunner {
    /// Answers from the cache if that is all it takes, and otherwise returns once the process can start threads.
    ///
    /// Synchronous, so that it runs before the first suspension: a cache hit costs no thread, and without /proc or
    /// descriptors a thread pool would end the process by a signal.
    static func start(_ words: [String], _ context: CredsContext) {
        do {
            if let output = CacheHit(words)?.output(context) {
                try context.terminal.print(output.reveal())
                Creds.exit()
            }
            if let problem = ProcessNeeds.problem() { throw problem }
        } catch {
            fail(error, words, context.terminal)
        }
    }

    static func run(_ words: [String], _ context: CredsContext) async -> Never {
        do {
            var command = try UsageError.parse(Creds.self, words)
            if var command = command as? any CredsCommand {
                try await command.run(context)
            } else {
                try command.run()
            }
            Creds.exit()
        } catch {
            fail(error, words, context.terminal)
        }
    }

    private static func fail(_ error: any Error, _ words: [String], _ terminal: Terminal) -> Never {
        let problem = error as? UserFacingError
        let code = problem.map { ExitCode($0.exitCode) } ?? Creds.exitCode(for: error)
        guard !code.isSuccess else { Creds.exit(withError: error) }
        if !(error is ExitCode) {
            let isParsers = problem == nil && code == .validationFailure
            terminal.fail(
                isParsers
                    ? UsageError.problem(error, Creds.self, words)
                    : CredsErrorMessages(profile: .standard).problem(error)
            )
        }
        FailureScript.print(words)
        // Scripts can distinguish the exit codes of `creds exec` from those of the command it runs.
        let isOwn = problem != nil || code == .validationFailure
        Creds.exit(withError: isOwn && words.first == "exec" ? ExitCode(ExecExitCode.failed) : code)
    }
}

/// The script printed when `creds token` fails, so that `eval` reports the error instead of keeping a stale token.
struct FailureScript {
    let text: String

    /// Returns nil when the words after the program's name ask for nothing that a shell evaluates.
    ///
    /// The argument parser is not used, since the failure may be an invalid argument.
    init?(_ words: [String]) {
        let names: [String]
        switch words.first {
        case "token": names = Token.secretVariables
        case "env": names = Env.secretVariables
        case "serve": names = Serve.variables
        case "proxy": names = Proxy.variables
        default: return nil
        }
        guard let format = Self.format(words.dropFirst()),
            let text = ShellVariables.failure(taking: names, format)
        else { return nil }
        self.text = text
    }

    /// Prints the script on standard output, where a shell may be reading; does nothing on a terminal.
    static func print(_ words: [String]) {
        guard let script = FailureScript(words), !StandardStream.output.isTerminal else { return }
        // A failed write cannot be reported anywhere.
        try? StandardStream.output.write(script.text + "\n")
    }

    /// The requested format; nil for Claude Code, which is no shell.
    ///
    /// An unknown format falls back to POSIX shells, its most likely reader.
    private static func format(_ arguments: ArraySlice<String>) -> VariableFormat? {
        let option = "--format"
        guard let index = arguments.lastIndex(where: { $0 == option || $0.hasPrefix(option + "=") }) else {
            return .export
        }
        let joined = arguments[index].dropFirst(option.utf8.count + 1)
        let word = arguments[index] == option ? arguments[index...].dropFirst().first : String(joined)
        guard let word, word != "claude" else { return word == nil ? .export : nil }
        return VariableFormat(rawValue: word) ?? .export
    }
}
