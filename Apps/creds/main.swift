import ArgumentParser
import BursarConsole
import BursarModel

let arguments = ProgramArguments.orExit(program: "creds")
let context = CredsContext.live(calledAs: arguments.name)
do {
    if let output = CacheHit(arguments.words)?.output(context) {
        try context.terminal.print(output.reveal())
        Creds.exit()
    }
    if let problem = ProcessNeeds.problem() { throw problem }
    var command = try UsageError.parse(Creds.self, arguments.words)
    if var command = command as? any CredsCommand {
        try await command.run(context)
    } else {
        try command.run()
    }
} catch {
    let problem = error as? UserFacingError
    let code = problem.map { ExitCode($0.exitCode) } ?? Creds.exitCode(for: error)
    guard !code.isSuccess else { Creds.exit(withError: error) }
    if !(error is ExitCode) {
        let isParsers = problem == nil && code == .validationFailure
        context.terminal.fail(
            isParsers
                ? UsageError.problem(error, Creds.self, arguments.words)
                : CredsErrorMessages(profile: .standard).problem(error)
        )
    }
    FailureScript.print(arguments.words)
    // A script that runs a command through creds can tell the command's exit codes from ours.
    let isOwn = problem != nil || code == .validationFailure
    Creds.exit(withError: isOwn && arguments.words.first == "exec" ? ExitCode(ExecExitCode.failed) : code)
}
