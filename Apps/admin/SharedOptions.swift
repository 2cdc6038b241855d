import ArgumentParser
import Console
import Files
import Storage
import Vending

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What every command is given: the terminal, the database and the time.
struct Desk {
    let terminal: Terminal
    let environment: [String: String]
    let databasePath: String
    let now: Date

    /// The database, which must exist: a new one is never made by surprise.
    func store() throws -> Store {
        try Store(opening: databasePath, patience: Store.operatorPatience)
    }
}

/// The options that every command takes.
struct SharedOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The SQLite file.", valueName: "file"))
    var database: String?

    /// Runs a command, and words what stops it: the problem and the next step on stderr, exit 1.
    func run(_ command: (Desk) throws -> Void) throws {
        let environment = ProcessInfo.processInfo.environment
        let terminal = Terminal(program: "admin", environment: environment)
        do {
            let path = try DatabaseLocation.path(option: database, environment: environment)
            try command(Desk(terminal: terminal, environment: environment, databasePath: path, now: Date()))
        } catch {
            guard let problem = Self.problem(error) else { throw error }
            terminal.fail(problem)
            throw ExitCode.failure
        }
    }

    private static func problem(_ error: any Error) -> Problem? {
        switch error {
        case let problem as Problem: problem
        case let problem as StoreProblem: Problem(problem)
        case let fault as FileFault: Problem("\(fault)", hint: "check the path and its permissions")
        case is ExitCode, is ValidationError, is CleanExit: nil
        case is Argon2Fault: Problem("the key could not be hashed", hint: "is there memory left? it takes 19 MiB")
        default: Problem("something failed that should not: \(type(of: error))")
        }
    }
}
