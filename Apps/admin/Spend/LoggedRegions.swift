import AWSAuth
import AWSClients
import AWSOperations
import ArgumentParser
import BursarConsole
import BursarFoundation
import Deployment
import ServerSettings
import Vending

/// The profile for a command's AWS requests, and the regions whose invocation logs it concerns.
struct LoggedRegions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A profile of ~/.aws/config to act as; else what AWS's tools would use.",
            valueName: "profile"
        )
    )
    var awsProfile: String?
    @Option(
        help: ArgumentHelp(
            "Where models are called; several times for several. Else BURSAR_REGIONS and where the roles allow it.",
            valueName: "region"
        )
    )
    var region: [String] = []

    /// Returns the regions that are typed, in order; none if the settings and roles decide.
    ///
    /// - Throws: ``UserFacingError`` for unknown regions, and for those of several partitions.
    func typed() throws(UserFacingError) -> [String] {
        var names: [String] = []
        for name in region.flatMap({ $0.split(separator: ",").map(String.init) }) where !names.contains(name) {
            let partition = try Partition.reading(region: name, .option("--region"))
            if let first = names.first, try Partition.reading(region: first, .option("--region")) != partition {
                throw UserFacingError.misuse(
                    "--region \(first) and \(name) are of several partitions",
                    hint: "an account is in one of them: run the command for each"
                )
            }
            names.append(name)
        }
        return names
    }

    /// Runs `work` in AWS as the operator, until a signal stops it.
    func run(
        _ context: AdminContext,
        _ expected: ExpectedAccount,
        _ work: @escaping @Sendable (AWSAccount, LoggingSurvey) async throws -> Void
    ) async throws {
        let typed = try typed()
        try expected.checkTyped()
        let view = try LocalServerSettings(context)
        let partition = try typed.first.map { (name) throws(UserFacingError) in
            try Partition.reading(region: name, .option("--region"))
        }
        // The region that can't be switched off: it shows the credentials' identity.
        let home = (partition ?? view.partition).globalRegion
        do {
            try await StopSignals.cancelling { [awsProfile] in
                try await context.inAWS(profile: awsProfile, region: home) { account in
                    let survey = try await LoggingSurvey(typed, view, in: account, expected)
                    account.report(survey.identity, regions: survey.regions)
                    try await work(account, survey)
                }
            }
        } catch is CancellationError {
            throw UserFacingError("stopped", hint: "the same command goes on from there")
        }
    }
}

/// The regions of a command, the account, and the regions that the researchers' roles allow.
struct LoggingSurvey: Sendable {
    let identity: CallerIdentity
    let regions: [String]
    /// nil if they weren't looked up: regions were typed, there is no role, or a role can't be read.
    let allowed: AllowedRegions?
    /// The role that Bedrock writes with, for no region yet.
    let role: InvocationLogRole

    /// - Throws: ``UserFacingError`` in another account than the expected one or the roles', and without any region.
    init(
        _ typed: [String],
        _ view: LocalServerSettings,
        in account: AWSAccount,
        _ expected: ExpectedAccount? = nil
    ) async throws {
        let identity = try await account.sts().callerIdentity()
        try expected?.check(identity)
        var roles: [RoleName] = []
        if !view.isSimulated {
            for arn in view.roles { roles.append(try RoleName(arn, .elsewhere(Setting.roleARN.environmentName))) }
        }
        if let other = roles.first(where: { $0.account != identity.account }) {
            throw UserFacingError(
                "role \(other.name) is in account \(other.account), and you act in \(identity.account)",
                hint: "calls are logged in the role's account: --aws-profile with one of \(other.account)"
            )
        }
        let allowed = typed.isEmpty ? try await Self.allowed(roles, in: account) : nil
        var names = typed
        if typed.isEmpty {
            names = view.terms.regions
            if case .named(let found) = allowed { names += found.sorted().filter { !names.contains($0) } }
        }
        guard !names.isEmpty else {
            throw UserFacingError(
                "no region is known that models are called in",
                hint: "name it with --region, or set \(Setting.regions.environmentName)"
            )
        }
        self.identity = identity
        regions = names
        self.allowed = allowed
        role = InvocationLogRole(partition: account.partition, account: identity.account, regions: [])
    }

    private static func allowed(_ roles: [RoleName], in account: AWSAccount) async throws -> AllowedRegions? {
        var regions: Set<String> = []
        for role in roles {
            do {
                switch try await account.allowedRegions(of: role) {
                case .named(let names): regions.formUnion(names)
                case .anywhere: return .anywhere
                }
            } catch let error as CancellationError {
                throw error
            } catch {
                let why = AWSErrorMessages.problem(error, profile: nil)?.problem ?? "it can't be read"
                account.terminal.note("which regions role \(role.name) allows was not looked at: \(why)")
                return nil
            }
        }
        return roles.isEmpty ? nil : .named(regions)
    }

    /// Judges how each of the regions is logged.
    func coverage(in account: AWSAccount) async throws -> LoggingCoverage {
        let results = try await account.logging(in: regions)
        let statuses = zip(regions, results).map { region, result in
            switch result {
            case .success(let state): RegionLoggingStatus(state, role: role)
            case .failure(let error):
                RegionLoggingStatus(
                    unknown: region,
                    AWSErrorMessages.problem(error, profile: nil) ?? UserFacingError("\(region) can't be asked")
                )
            }
        }
        return LoggingCoverage(statuses, allowed: allowed)
    }
}
