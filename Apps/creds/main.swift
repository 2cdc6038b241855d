import ArgumentParser
import Console

let context = Context.live()
do {
    var command = try Creds.parseAsRoot()
    if var command = command as? any CredsCommand {
        try await command.run(context)
    } else {
        try command.run()
    }
} catch let problem as Problem {
    context.terminal.fail(problem)
    Creds.exit(withError: ExitCode.failure)
} catch {
    Creds.exit(withError: error)
}
