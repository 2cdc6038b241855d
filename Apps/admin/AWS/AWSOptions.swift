import AWSAuth
import AWSClients
import AWSOperations
import ArgumentParser
import BursarConsole
import BursarFoundation
import BursarModel
import Deployment
import ServerSettings

/// The profile and region for a command's AWS requests.
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

    /// Checks the region that is typed, else the one of the environment.
    ///
    /// - Throws: ``UserFacingError`` for an unknown region, which names the option or variable, before any request.
    func check(_ environment: [String: String]) throws(UserFacingError) {
        try Self.check(region: region, environment)
    }

    fileprivate static func check(region: String?, _ environment: [String: String]) throws(UserFacingError) {
        if let region {
            _ = try Partition.reading(region: region, .option("--region"))
        } else if let variable = RegionSetting.variable(in: environment), let region = environment[variable] {
            _ = try Partition.reading(region: region, .elsewhere(variable))
        }
    }

    /// Runs a command.
    ///
    /// An error is printed with its hint on standard error, and the command exits with 1, or with 64 for a command line
    /// that makes no sense.
    ///
    /// Its changes in AWS are recorded in the database of `shared`; nil for a command that changes nothing.
    func run(recordingIn shared: SharedOptions? = nil, _ command: (AWSAccount) async throws -> Void) async throws {
        let run = CommandRun()
        do {
            let changes = shared.map { ChangeRecord($0, terminal: run.terminal, environment: run.environment) }
            try check(run.environment)
            let account = try AWSAccount(
                profile: awsProfile,
                region: region,
                changes: changes,
                terminal: run.terminal,
                environment: run.environment,
                now: { Date() }
            )
            try await command(account)
            try changes?.finish()
        } catch {
            try run.fail(error, AWSErrorMessages.problem(error, profile: awsProfile))
        }
    }
}

extension AdminContext {
    /// Runs `work` in AWS as the operator, and translates AWS's errors into messages.
    ///
    /// The default region is the server's, which determines the roles' partition.
    func inAWS<Result>(_ options: AWSOptions, _ work: (AWSAccount) async throws -> Result) async throws -> Result {
        try await inAWS(profile: options.awsProfile, region: options.region, work)
    }

    /// Runs `work` in AWS as the operator, in the region that is typed, else the server's.
    func inAWS<Result>(
        profile: String?,
        region: String?,
        _ work: (AWSAccount) async throws -> Result
    ) async throws -> Result {
        do {
            let changes = ChangeRecord(self)
            let result = try await work(try account(profile: profile, region: region, changes))
            try changes.finish()
            return result
        } catch
            where error is AWSError || error is CredentialError || error is EndpointError || error is PartitionError
            || error is InvocationLogCallError
        {
            throw AWSErrorMessages.problem(error, profile: profile) ?? UserFacingError("AWS can't be asked")
        }
    }

    /// Runs `work` in AWS as the operator, for as long as `limit`.
    ///
    /// - Throws: `CancellationError` when the time is over, besides what `work` throws.
    func inAWS<Result: Sendable>(
        _ options: AWSOptions,
        within limit: Duration,
        _ work: @escaping @Sendable (AWSAccount) async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result.self) { group in
            group.addTask { try await inAWS(options, work) }
            group.addTask {
                try await Task.sleep(for: limit)
                throw CancellationError()
            }
            defer { group.cancelAll() }
            guard let result = try await group.next() else { throw CancellationError() }
            return result
        }
    }

    /// Returns the operator's account, without a request to AWS.
    func account(_ options: AWSOptions, _ changes: ChangeRecord? = nil) throws -> AWSAccount {
        try account(profile: options.awsProfile, region: options.region, changes)
    }

    private func account(profile: String?, region typed: String?, _ changes: ChangeRecord?) throws -> AWSAccount {
        var region = typed
        if region == nil, let own = reader.text(.region) {
            _ = try Partition.reading(region: own, .elsewhere(reader.name(of: .region)))
            region = own
        }
        try AWSOptions.check(region: region, environment)
        return try AWSAccount(
            profile: profile,
            region: region,
            changes: changes,
            terminal: terminal,
            environment: environment,
            now: { Date() }
        )
    }
}
