import BursarConsole
import BursarFoundation
import BursarModel
import Subprocess
import SystemPackage

/// A `creds serve` beside the command that takes our place; it ends with that command, which has our process id.
struct EndpointChild {
    let executable: String
    let profile: ProfileName

    /// Starts it, and returns the variables that lead SDKs to it.
    ///
    /// By way of a shell that ends then: as the command's own child it would keep a command waiting that waits for
    /// all of its children. It gets a session of its own, so that what is typed at the terminal reaches the command alone.
    func start() async throws -> [String: String] {
        var options = PlatformOptions()
        options.createSession = true
        let parent = String(ProcessInfo.processInfo.processIdentifier)
        let problem = UserFacingError("the local endpoint could not be started", hint: "creds serve shows why")
        let serve = ["serve", "--profile", profile.description, "--parent", parent, "--format", "json"]
        do {
            // The shell's cat ends when the endpoint lets go of its standard output, once the variables are printed.
            let shell = try await Subprocess.run(
                .path("/bin/sh"),
                arguments: Arguments(["-c", #"{ "$0" "$@" & } | cat"#, executable] + serve),
                platformOptions: options,
                input: .none,
                output: .string(limit: 64 << 10),
                error: .discarded
            )
            let printed = Data(shell.standardOutput.utf8)
            guard let variables = try? JSONDecoder().decode([String: String].self, from: printed) else { throw problem }
            return variables
        } catch is SubprocessError {
            throw problem
        }
    }
}
