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

    enum Tier: String, CaseIterable, ExpressibleByArgument {
        case minimum, models, listing, region
    }

    enum Subject: String, CaseIterable, ExpressibleByArgument {
        case researchers, server
    }

    @OptionGroup var shared: SharedOptions
    @Option(name: .customLong("for"), help: "Whose role it is for: researchers or server.")
    var subject = Subject.researchers
    @Option(help: "minimum, models, listing or region.")
    var tier = Tier.listing
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
                let policy = try policy(roles, view, context)
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

    private func policy(_ roles: [RoleName], _ view: LocalServerSettings, _ context: AdminContext)
        throws(UserFacingError) -> AccessPolicy
    {
        let models = try modelList(context.terminal)
        guard tier == .region || access.allowGlobal != true else {
            throw UserFacingError.misuse(
                "--allow-global says nothing without --tier region",
                hint: "the other tiers hold anywhere, which includes global. profiles"
            )
        }
        let regions = tier == .region ? try regionList(view) : nil
        let partition = try self.partition(regions, roles, view)
        let account = try accountID(roles, context.terminal)
        if let regions, !regions.allowsGlobalProfiles {
            context.terminal.note(
                "global. inference profiles are refused; --allow-global lets AWS serve them from anywhere"
            )
        }
        var policy = AccessPolicy(
            partition: partition,
            account: account,
            models: models,
            allowsListing: tier == .listing || tier == .region,
            regions: regions
        )
        access.options.open(&policy)
        return policy
    }

    private func modelList(_ terminal: Terminal) throws(UserFacingError) -> ModelList? {
        guard !models.isEmpty else {
            guard tier != .models else {
                throw UserFacingError.misuse("--tier models is for named models", hint: "add --models")
            }
            return nil
        }
        guard tier != .minimum else {
            throw UserFacingError.misuse("--tier minimum is for any model", hint: "use --tier models")
        }
        return try ModelsParser(models).read { terminal.warn($0) }
    }

    private func regionList(_ view: LocalServerSettings) throws(UserFacingError) -> AccessPolicy.Regions {
        let names = region.isEmpty ? view.terms.regions : region.flatMap { $0.split(separator: ",").map(String.init) }
        guard !names.isEmpty else { throw UserFacingError("there is no region", hint: "name it with --region") }
        return AccessPolicy.Regions(names, allowsGlobalProfiles: access.allowGlobal == true)
    }

    private func partition(
        _ regions: AccessPolicy.Regions?,
        _ roles: [RoleName],
        _ view: LocalServerSettings
    ) throws(UserFacingError) -> Partition {
        var named: [Partition] = []
        for name in regions?.names ?? region {
            named.append(try Partition.reading(region: name, region.isEmpty ? nil : .option("--region")))
        }
        named += roles.map(\.partition)
        if let partition {
            let partition = try Partition.reading(partition, .option("--partition"))
            if let other = named.first(where: { $0 != partition }) {
                throw UserFacingError.misuse("region or role are of \(other.rawValue), not of \(partition.rawValue)")
            }
            return partition
        }
        guard let first = named.first else { return view.partition }
        guard named.allSatisfy({ $0 == first }) else {
            throw UserFacingError(
                "regions and roles are of several partitions",
                hint: "one policy holds in one of them"
            )
        }
        return first
    }

    private func accountID(_ roles: [RoleName], _ terminal: Terminal) throws(UserFacingError) -> String? {
        if let account {
            guard AccountID.isValid(account) else {
                throw UserFacingError.misuse("--account \"\(account)\" is not an account", hint: "it has twelve digits")
            }
            return account
        }
        let accounts = Set(roles.map(\.account))
        guard accounts.count == 1, let account = accounts.first else {
            terminal.note("inference profiles of any account are allowed; --account names one")
            return nil
        }
        return account
    }
}
