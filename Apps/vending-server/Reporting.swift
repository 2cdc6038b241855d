import ArgumentParser
import Console
import Files
import Logging
import Storage

/// How the server talks to whoever started it: problems on stderr with a hint, exit 1; the log on stderr too.
enum Reporting {
    /// Runs a command, and words what stops it.
    static func run(_ environment: [String: String], _ command: (Terminal) async throws -> Void) async throws {
        let terminal = Terminal(program: "vending-server", environment: environment)
        do {
            try await command(terminal)
        } catch let problem as Problem {
            terminal.fail(problem)
            throw ExitCode.failure
        } catch let problem as StoreProblem {
            terminal.fail(Problem(problem))
            throw ExitCode.failure
        } catch let exit as ExitCode {
            throw exit
        } catch {
            terminal.fail(Problem("the server stopped: \(error)"))
            throw ExitCode.failure
        }
    }

    static func logger(level: Logger.Level) -> Logger {
        var logger = Logger(label: "vending-server") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = level
        return logger
    }

    static func writing<Value>(_ body: () throws(FileFault) -> Value) throws(Problem) -> Value {
        do {
            return try body()
        } catch {
            throw Problem("\(error.path) can't be written", hint: "check the folder's permissions and the room left")
        }
    }
}
