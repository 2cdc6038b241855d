import ArgumentParser
import BursarConsole
import BursarFiles
import BursarFoundation
import Storage
import SystemPackage
import Vending

/// The options that every command takes.
struct SharedOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The SQLite file.", valueName: "file"), completion: .file(), transform: PathOption.read)
    var database: String?
    @Option(
        help: ArgumentHelp("The server's settings (/etc/bursar/config.yaml when it is there).", valueName: "file"),
        completion: .file()
    )
    var config: String?

    /// Runs a command, and words what stops it: the problem and the next step on stderr, exit 1, or 64 for a command
    /// line that can't be meant.
    func run(
        onFaultySettings faultySettings: AdminContext.FaultySettings = .refused,
        _ command: (AdminContext) throws -> Void
    ) throws {
        StandardStream.outliveReaders()
        let environment = ProcessInfo.processInfo.environment
        let terminal = Terminal(program: "admin", environment: environment)
        do {
            let context = try context(terminal, environment, faultySettings)
            defer { context.tellFaultySettings() }
            try command(context)
        } catch let problem as UserFacingError where problem == .readerGone {
            // Whoever reads has seen enough.
        } catch {
            guard let problem = Self.problem(error) else { throw error }
            terminal.fail(problem)
            throw ExitCode(problem.exitCode)
        }
    }

    /// The same, for a command that waits.
    func runWaiting(
        onFaultySettings faultySettings: AdminContext.FaultySettings = .refused,
        _ command: (AdminContext) async throws -> Void
    ) async throws {
        StandardStream.outliveReaders()
        let environment = ProcessInfo.processInfo.environment
        let terminal = Terminal(program: "admin", environment: environment)
        do {
            let context = try context(terminal, environment, faultySettings)
            defer { context.tellFaultySettings() }
            try await command(context)
        } catch let problem as UserFacingError where problem == .readerGone {
            // Whoever reads has seen enough.
        } catch {
            guard let problem = Self.problem(error) else { throw error }
            terminal.fail(problem)
            throw ExitCode(problem.exitCode)
        }
    }

    private func context(
        _ terminal: Terminal,
        _ environment: [String: String],
        _ faultySettings: AdminContext.FaultySettings
    ) throws -> AdminContext {
        try AdminContext(
            self,
            terminal: terminal,
            environment: environment,
            now: Date(),
            faultySettings: faultySettings
        )
    }

    /// What goes wrong in a command, in an operator's words; nil for what isn't ours to word.
    static func problem(_ error: any Error) -> UserFacingError? {
        switch error {
        case let problem as UserFacingError: problem
        case let problem as StoreError: UserFacingError(problem)
        case let error as MissingRole: error.problem
        case let fault as FileError: UserFacingError("\(fault)", hint: fault.hint)
        case is ExitCode, is ValidationError, is CleanExit: nil
        case is UnreadableKeyError:
            UserFacingError(
                "what the key allows can't be read: its row was edited by hand",
                hint: "admin keys revoke stops it"
            )
        case is Argon2Error:
            UserFacingError("the key could not be hashed", hint: "is there memory left? it takes 19 MiB")
        default: UserFacingError("something failed that should not: \(type(of: error))")
        }
    }
}

/// Paths among the options: `~/` is the home folder where the shell left it, as in `--output=~/report`.
enum PathOption {
    static func read(_ text: String) throws -> String {
        do {
            return try StandardPaths(environment: ProcessInfo.processInfo.environment).path(text).string
        } catch {
            throw ValidationError("\(error.description); \(error.hint)")
        }
    }
}
