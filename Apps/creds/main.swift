import ArgumentParser
import BursarCore
import Console

let context = Context.live()
do {
    if let output = CacheHit(CommandLine.arguments)?.output(context) {
        try context.terminal.print(output.reveal())
        Creds.exit()
    }
    var command = try Creds.parseAsRoot()
    if var command = command as? any CredsCommand {
        try await command.run(context)
    } else {
        try command.run()
    }
} catch let problem as Problem {
    context.terminal.fail(problem)
    FailureScript.print(CommandLine.arguments)
    Creds.exit(withError: ExitCode.failure)
} catch {
    let code = Creds.exitCode(for: error)
    guard !code.isSuccess else { Creds.exit(withError: error) }
    if code == .validationFailure {
        context.terminal.fail(Misuse.problem(error, CommandLine.arguments))
    } else if !(error is ExitCode) {
        context.terminal.fail(Wording(profile: .standard).problem(error))
    }
    FailureScript.print(CommandLine.arguments)
    // A script that runs a command through creds can tell the command's exit codes from ours.
    let isExec = CommandLine.arguments.dropFirst().first == "exec"
    Creds.exit(withError: isExec && code == .validationFailure ? ExitCode(OwnExitCode.failed) : code)
}
