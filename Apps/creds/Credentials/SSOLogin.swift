import BursarConsole
import Subprocess

/// Has a person sign in again by `aws sso login`, where one is there to do it.
struct SSOLogin {
    let profile: String?

    /// Standard output is for a shell; a person types at and reads the other two.
    static var isPossible: Bool {
        StandardStream.input.isTerminal && StandardStream.errors.isTerminal
    }

    /// All that it says goes to standard error: what stands on standard output would be evaluated.
    func run() async throws(UserFacingError) {
        let arguments = ["sso", "login"] + (profile.map { ["--profile", $0] } ?? [])
        let isSignedIn: Bool
        do {
            let result = try await Subprocess.run(
                .name("aws"),
                arguments: Arguments(arguments),
                input: .currentStandardInput,
                output: .currentStandardError,
                error: .currentStandardError
            )
            isSignedIn = result.terminationStatus == .exited(0)
        } catch {
            throw UserFacingError("aws sso login could not be run", hint: "install the AWS CLI, version 2")
        }
        guard isSignedIn else { throw UserFacingError("aws sso login failed", hint: "run it by itself to see why") }
    }
}
