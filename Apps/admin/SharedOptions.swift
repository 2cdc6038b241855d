import AWSOperations
import ArgumentParser
import BursarConsole
import BursarFiles
import BursarFoundation
import PostgresStore
import Reports
import Storage
import SystemPackage
import Vending

/// The options that every command takes.
struct SharedOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("An SQLite file, or the postgres:// address of a database.", valueName: "database"),
        completion: .file(),
        transform: PathOption.readDatabase
    )
    var database: String?
    @Option(
        help: ArgumentHelp("The server's settings (/etc/bursar/config.yaml when it is there).", valueName: "file"),
        completion: .file()
    )
    var config: String?

    /// Runs a command.
    ///
    /// An error is printed with its hint on standard error, and the command exits with 1, or with 64 for a command line
    /// that makes no sense.
    func run(
        onFaultySettings faultySettings: AdminContext.FaultySettings = .refused,
        _ command: (AdminContext) throws -> Void
    ) throws {
        let run = CommandRun()
        do {
            let context = try context(run.terminal, run.environment, faultySettings)
            defer { context.warnOfFaultySettings() }
            try command(context)
        } catch {
            try run.fail(error, Self.problem(error))
        }
    }

    /// Runs an asynchronous command, with the same errors and exit codes.
    func runWaiting(
        onFaultySettings faultySettings: AdminContext.FaultySettings = .refused,
        _ command: (AdminContext) async throws -> Void
    ) async throws {
        let run = CommandRun()
        do {
            let context = try context(run.terminal, run.environment, faultySettings)
            defer { context.warnOfFaultySettings() }
            try await command(context)
        } catch {
            try run.fail(error, Self.problem(error))
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

    /// Returns the message for an error of a command; nil for errors that ArgumentParser words itself.
    static func problem(_ error: any Error) -> UserFacingError? {
        switch error {
        case let problem as UserFacingError: problem
        case let problem as StoreError: UserFacingError(problem)
        case let error as LoginError: UserFacingError(error)
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

/// The terminal and environment of one command, and the way it ends with an error.
struct CommandRun {
    let terminal: Terminal
    let environment: [String: String]

    init() {
        StandardStream.outliveReaders()
        environment = ProcessInfo.processInfo.environment
        terminal = Terminal(program: "admin", environment: environment)
    }

    /// Prints `problem`, the message for `error`.
    ///
    /// A reader that closed the pipe is no failure.
    ///
    /// - Throws: `ExitCode`, or `error` itself where it has no message.
    func fail(_ error: any Error, _ problem: UserFacingError?) throws {
        guard error as? UserFacingError != .readerGone else { return }
        guard let problem else { throw error }
        terminal.fail(problem)
        throw ExitCode(problem.exitCode)
    }
}

/// Path options: a leading `~/` is the home folder where the shell left it, as in `--output=~/report`.
enum PathOption {
    /// Reads the path of a database's file, or the address of a database on a server.
    static func readDatabase(_ text: String) throws -> String {
        PostgresAddress.isAddress(text) ? text : try read(text)
    }

    static func read(_ text: String) throws -> String {
        do {
            return try StandardPaths(environment: ProcessInfo.processInfo.environment).path(text).string
        } catch {
            throw ValidationError("\(error.description); \(error.hint)")
        }
    }
}

extension ListFormat: ExpressibleByArgument {}

extension ReportFormat: ExpressibleByArgument {}
