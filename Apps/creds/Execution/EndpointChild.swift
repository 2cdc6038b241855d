import BursarCore
import Console
import Subprocess
import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A `creds serve` beside the command that takes our place; it ends with that command, which has our process id.
struct EndpointChild {
    let executable: String
    let profile: ProfileName

    /// Starts it, and calls `body` with the variables that lead SDKs to it.
    ///
    /// It gets a session of its own, so that what is typed at the terminal reaches the command alone.
    func start(_ body: ([String: String]) throws -> Void) async throws {
        var options = PlatformOptions()
        options.createSession = true
        let parent = String(ProcessInfo.processInfo.processIdentifier)
        let problem = Problem("the local endpoint could not be started", hint: "creds serve shows why")
        do {
            _ = try await Subprocess.run(
                .path(FilePath(executable)),
                arguments: ["serve", "--profile", profile.description, "--parent", parent, "--format", "json"],
                platformOptions: options,
                input: .none,
                output: .sequence,
                error: .discarded
            ) { child in
                var line = ""
                // It lets go of its standard output once the variables are printed.
                for try await text in child.standardOutput.strings() { line += text }
                guard let variables = try? JSONDecoder().decode([String: String].self, from: Data(line.utf8)) else {
                    throw problem
                }
                try body(variables)
            }
        } catch is SubprocessError {
            throw problem
        }
    }
}
