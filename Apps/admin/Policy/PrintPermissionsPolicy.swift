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

            Examples:
              admin policy permissions > bedrock.json
              admin policy permissions --tier models --models 'anthropic.*' \
                --account 123456789012
              admin policy permissions --tier region --region eu-central-1
              admin policy permissions --for server \
                --role-arn arn:aws:iam::123456789012:role/bedrock
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
                document = features.policies(view).server(roles: roles.map(\.arn))
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
