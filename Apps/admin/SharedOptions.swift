import ArgumentParser
import Console
import Files
import Storage
import SystemPackage
import Vending

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

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
        onFaultySettings faultySettings: Desk.FaultySettings = .refused,
        _ command: (Desk) throws -> Void
    ) throws {
        StandardStream.outliveReaders()
        let environment = ProcessInfo.processInfo.environment
        let terminal = Terminal(program: "admin", environment: environment)
        do {
            let desk = try desk(terminal, environment, faultySettings)
            defer { desk.tellFaultySettings() }
            try command(desk)
        } catch let problem as Problem where problem == .readerGone {
            // Whoever reads has seen enough.
        } catch {
            guard let problem = Self.problem(error) else { throw error }
            terminal.fail(problem)
            throw ExitCode(problem.exitCode)
        }
    }

    /// The same, for a command that waits.
    func runWaiting(
        onFaultySettings faultySettings: Desk.FaultySettings = .refused,
        _ command: (Desk) async throws -> Void
    ) async throws {
        StandardStream.outliveReaders()
        let environment = ProcessInfo.processInfo.environment
        let terminal = Terminal(program: "admin", environment: environment)
        do {
            let desk = try desk(terminal, environment, faultySettings)
            defer { desk.tellFaultySettings() }
            try await command(desk)
        } catch let problem as Problem where problem == .readerGone {
            // Whoever reads has seen enough.
        } catch {
            guard let problem = Self.problem(error) else { throw error }
            terminal.fail(problem)
            throw ExitCode(problem.exitCode)
        }
    }

    private func desk(
        _ terminal: Terminal,
        _ environment: [String: String],
        _ faultySettings: Desk.FaultySettings
    ) throws -> Desk {
        try Desk(self, terminal: terminal, environment: environment, now: Date(), faultySettings: faultySettings)
    }

    /// What goes wrong in a command, in an operator's words; nil for what isn't ours to word.
    static func problem(_ error: any Error) -> Problem? {
        switch error {
        case let problem as Problem: problem
        case let problem as StoreProblem: Problem(problem)
        case let error as MissingRole: error.problem
        case let fault as FileFault: Problem("\(fault)", hint: fault.hint)
        case is ExitCode, is ValidationError, is CleanExit: nil
        case is UnreadableKey:
            Problem("what the key allows can't be read: its row was edited by hand", hint: "admin keys revoke stops it")
        case is Argon2Fault: Problem("the key could not be hashed", hint: "is there memory left? it takes 19 MiB")
        default: Problem("something failed that should not: \(type(of: error))")
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
