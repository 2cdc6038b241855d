import ArgumentParser
import BursarConsole
import BursarFiles
import Logging
import NIOCore
import ServerSettings
import Storage
import SystemPackage

/// Runs a command's body and reports its errors: on stderr, with a hint and exit code 1.
enum CLIRunner {
    /// Runs a command, and maps every error to a message.
    static func run(_ environment: [String: String], _ command: (Terminal) async throws -> Void) async throws {
        let terminal = Terminal(program: "vending-server", environment: environment)
        do {
            try await command(terminal)
        } catch let problem as UserFacingError {
            terminal.fail(problem)
            throw ExitCode(problem.exitCode)
        } catch let problem as StoreError {
            terminal.fail(UserFacingError(problem))
            throw ExitCode.failure
        } catch let exit as ExitCode {
            throw exit
        } catch is SocketAddressError {
            terminal.fail(
                UserFacingError(
                    "the name to listen on has no address",
                    hint: "see \(Setting.httpHost.environmentName) and \(Setting.metricsHost.environmentName)"
                )
            )
            throw ExitCode.failure
        } catch let error as IOError {
            terminal.fail(UserFacingError(error))
            throw ExitCode.failure
        } catch {
            terminal.fail(UserFacingError("the server stopped: \(type(of: error))", hint: "see the log above"))
            throw ExitCode.failure
        }
    }

    static func writing<Value>(_ body: () throws(FileError) -> Value) throws(UserFacingError) -> Value {
        do {
            return try body()
        } catch {
            throw UserFacingError(
                "\(error.path) can't be written",
                hint: "check the folder's permissions and the room left"
            )
        }
    }
}

extension UserFacingError {
    /// The reason why the server can't listen.
    fileprivate init(_ error: IOError) {
        let port = Setting.httpPort.environmentName
        switch Errno(rawValue: error.errnoCode) {
        case .addressInUse:
            self.init("another program listens on this port", hint: "choose another: \(port), or dev --port 0")
        case .permissionDenied:
            self.init("this port needs more rights", hint: "choose one above 1023: \(port)")
        case .addressNotAvailable:
            self.init("this machine doesn't have that address", hint: "see \(Setting.httpHost.environmentName)")
        case let errno:
            self.init("the network failed: \(errno)")
        }
    }
}
