import AWSAuth
import ArgumentParser
import BursarConsole
import BursarFoundation

/// As whom, and where, a command acts in AWS.
struct AWSOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A profile of ~/.aws/config to act as; else what AWS's tools would use.",
            valueName: "profile"
        )
    )
    var awsProfile: String?
    @Option(help: "The region; else AWS_REGION, AWS_DEFAULT_REGION, the profile's, us-east-1.")
    var region: String?

    /// - Throws: ``UserFacingError`` for a region that is none, before AWS is asked for anything.
    func check() throws(UserFacingError) {
        guard let region else { return }
        _ = try Partition.reading(region: region, .option("--region"))
    }

    /// Runs a command, and words what stops it: the problem and the next step on stderr, exit 1, or 64 for a
    /// command line that can't be meant.
    ///
    /// What it changes in AWS is put on record in the database of `shared`; nil for a command that changes nothing.
    func run(recordingIn shared: SharedOptions? = nil, _ command: (AWSAccount) async throws -> Void) async throws {
        StandardStream.outliveReaders()
        let environment = ProcessInfo.processInfo.environment
        let terminal = Terminal(program: "admin", environment: environment)
        do {
            let changes = shared.map { ChangeRecord($0, terminal: terminal, environment: environment) }
            try check()
            let account = try AWSAccount(
                self,
                changes: changes,
                terminal: terminal,
                environment: environment,
                now: { Date() }
            )
            try await command(account)
            try changes?.finish()
        } catch let problem as UserFacingError where problem == .readerGone {
            // Whoever reads has seen enough.
        } catch {
            guard let problem = AWSErrorMessages.problem(error, profile: awsProfile) else { throw error }
            terminal.fail(problem)
            throw ExitCode(problem.exitCode)
        }
    }
}
