import AWSAuth
import AWSClients
import ArgumentParser
import BursarConsole
import BursarModel
import Deployment
import ServerSettings
import Vending

struct PrintPermissionsPolicy: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "permissions",
        abstract: "What a role may do: the one that researchers get sessions of, or the server's own.",
        discussion: #"""
            Tiers, for researchers:
              minimum  invoke any model, and use bearer tokens
              models   the same, for --models only
              listing  any model, or --models; and look up which there are
              region   as listing, called in --region only

            A profile as us. or eu. is called in one region and leads to others: name the
            one that it is called in, whose invocation log has the record. What that log
            doesn't meter is denied, unless an option opens it.

            --spend, for the server, adds reading the invocation logs of --region.

            Examples:
              admin policy permissions > bedrock.json
              admin policy permissions --tier models --models 'anthropic.*' \
                --account 123456789012
              admin policy permissions --tier region --region eu-central-1
              admin policy permissions --for server \
                --role-arn arn:aws:iam::123456789012:role/bedrock
              admin policy permissions --for server --spend --region eu-central-1
              aws iam put-role-policy --role-name bedrock --policy-name bedrock \
                --policy-document file://bedrock.json
            """#
    )

    enum Subject: String, CaseIterable, ExpressibleByArgument {
        case researchers, server
    }

    @OptionGroup var shared: SharedOptions
    @Option(name: .customLong("for"), help: "Whose role it is for: researchers or server.")
    var subject = Subject.researchers
    @Option(help: "minimum, models, listing or region.")
    var tier = PermissionsRequest.Tier.listing
    @Option(help: ArgumentHelp("Models that may be invoked, as anthropic.claude-*.", valueName: "pattern"))
    var models: [String] = []
    @Option(help: ArgumentHelp("Where; several times for several. (BURSAR_REGIONS)", valueName: "region"))
    var region: [String] = []
    @OptionGroup var access: UnmeteredArguments
    @Option(help: ArgumentHelp("The role that researchers get sessions of. (BURSAR_ROLE_ARN)", valueName: "arn"))
    var roleArn: [String] = []
    @Option(help: ArgumentHelp("Whose inference profiles may be used; else the role's account.", valueName: "number"))
    var account: String?
    @Option(help: ArgumentHelp("aws, aws-us-gov, aws-cn or aws-eusc; else the role's.", valueName: "name"))
    var partition: String?
    @OptionGroup var features: SessionFeatures
    @Flag(help: "For the server: pulling invocation logs, too.")
    var spend = false
    @Option(
        help: ArgumentHelp(
            "With --spend: the log group of a configuration that was adopted, beside Bursar's.",
            valueName: "name"
        )
    )
    var logGroup: [String] = []

    func validate() throws {
        guard !spend || subject == .server else { throw ValidationError("--spend is for --for server") }
        guard logGroup.isEmpty || spend else { throw ValidationError("--log-group goes with --spend") }
    }

    func run() throws {
        try shared.run { context in
            let view = try LocalServerSettings(context)
            let roles = try Self.roles(roleArn, view)
            let document: PolicyDocument
            switch subject {
            case .server:
                guard !roles.isEmpty else {
                    throw UserFacingError(
                        "there is no role to assume",
                        hint: "name it with --role-arn, or set BURSAR_ROLE_ARN"
                    )
                }
                let logs = try spend ? invocationLogs(roles, view) : nil
                document = features.policies(view).server(roles: roles.map(\.arn), reading: logs)
            case .researchers:
                let policy = try request.policy(
                    for: roles,
                    serverRegions: view.terms.regions,
                    serverPartition: view.partition,
                    on: context.terminal
                )
                for warning in policy.unmetered { context.terminal.warn(warning) }
                document = policy.document
            }
            try PolicySize(document).checkPermissions(context.terminal)
            try context.terminal.print(try document.pretty())
        }
    }

    private static func roles(_ given: [String], _ view: LocalServerSettings) throws(UserFacingError) -> [RoleName] {
        var roles: [RoleName] = []
        for arn in given { roles.append(try RoleName(arn, .option("--role-arn"))) }
        guard roles.isEmpty else { return roles }
        for arn in view.roles { roles.append(try RoleName(arn, .elsewhere(Setting.roleARN.environmentName))) }
        return roles
    }

    /// The permissions to pull the invocation logs of the regions that are typed, else the server's.
    private func invocationLogs(
        _ roles: [RoleName],
        _ view: LocalServerSettings
    ) throws(UserFacingError) -> InvocationLogReaderPolicy {
        let typed = region.flatMap { $0.split(separator: ",").map(String.init) }
        let partition = roles.first?.partition ?? view.partition
        for name in typed where try Partition.reading(region: name, .option("--region")) != partition {
            throw UserFacingError.misuse(
                "--region \(name) is not of \(partition.rawValue), as the roles are",
                hint: "an account is in one partition"
            )
        }
        if let account, !AccountID.isValid(account) {
            throw UserFacingError.misuse("--account \"\(account)\" is not an account", hint: "it has twelve digits")
        }
        for name in logGroup where !LogsClient.isGroupName(name) {
            throw UserFacingError.misuse(
                "--log-group \"\(name)\" is not the name of a log group",
                hint: "letters, digits and _ - / . #"
            )
        }
        return InvocationLogReaderPolicy(
            partition: partition,
            account: account ?? roles.first?.account,
            regions: typed.isEmpty ? view.terms.regions : typed,
            groups: [InvocationLogName.group] + logGroup
        )
    }

    private var request: PermissionsRequest {
        var request = PermissionsRequest()
        request.tier = tier
        request.models = models
        request.regions = region
        request.access = access.options
        request.account = account
        request.partition = partition
        return request
    }
}

extension PermissionsRequest.Tier: ExpressibleByArgument {}
