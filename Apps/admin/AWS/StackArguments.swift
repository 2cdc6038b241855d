import ArgumentParser
import Deployment

/// The options of a stack, the same for `template`, `plan` and `apply`.
struct StackArguments: ParsableArguments {
    @Option(help: ArgumentHelp("The stack's name.", valueName: "name"))
    var stackName = StackName.usual
    @Option(
        help: ArgumentHelp("Models that researchers may invoke, as anthropic.claude-*; * is any.", valueName: "pattern")
    )
    var models: [String] = []
    @Option(
        help: ArgumentHelp(
            "Where researchers may call AWS; else the stack's region; * is anywhere.",
            valueName: "region"
        )
    )
    var regions: [String] = []
    @OptionGroup var access: UnmeteredArguments
    @Option(help: ArgumentHelp("What the server must send along with AssumeRole.", valueName: "id"))
    var externalID: String?
    @Option(help: ArgumentHelp("The longest session that the role gives: 1h to 12h (1h).", valueName: "time"))
    var maxSession: String?
    @Option(
        help: ArgumentHelp("Who may ask the server: 192.0.2.0/24, …; 0.0.0.0/0,::/0 is anybody.", valueName: "cidr")
    )
    var ip: [String] = []
    @Option(help: ArgumentHelp("The policy beyond which no role of the stack goes.", valueName: "arn"))
    var permissionsBoundary: String?
    @Option(help: ArgumentHelp("A tag of everything in the stack; several times for several.", valueName: "key=value"))
    var tag: [String] = []
    @Option(help: ArgumentHelp("Where to make a volume for the database; else none is made.", valueName: "zone"))
    var availabilityZone: String?
    @Option(parsing: .unconditional, help: ArgumentHelp("How large it is (10).", valueName: "GiB"))
    var volumeSize: Int?

    @OptionGroup var server: ServerTrustArguments

    /// The options as typed.
    var options: StackOptions {
        var options = StackOptions()
        options.stackName = stackName
        options.models = models
        options.regions = regions
        options.access = access.options
        options.externalID = externalID
        options.maxSession = maxSession
        options.ip = ip
        options.permissionsBoundary = permissionsBoundary
        options.tag = tag
        options.availabilityZone = availabilityZone
        options.volumeSize = volumeSize
        options.server = server.options
        return options
    }
}

/// The options for calls that the model invocation log doesn't meter, the same for all policies of researchers.
struct UnmeteredArguments: ParsableArguments {
    @Flag(inversion: .prefixedNo, help: "global. inference profiles too, which AWS serves from anywhere.")
    var allowGlobal: Bool?
    @Flag(inversion: .prefixedNo, help: "Bidirectional streams too (Nova Sonic); not metered by invocation logs.")
    var allowStreams: Bool?
    @Flag(inversion: .prefixedNo, help: "The priority and reserved service tiers too, which cost more.")
    var allowTiers: Bool?
    @Flag(inversion: .prefixedNo, help: "The bedrock-mantle endpoint too; not metered by invocation logs.")
    var mantle: Bool?

    /// The options as typed.
    var options: UnmeteredAccess {
        var options = UnmeteredAccess()
        options.allowGlobal = allowGlobal
        options.allowStreams = allowStreams
        options.allowTiers = allowTiers
        options.mantle = mantle
        return options
    }
}

/// The options for the server's platform.
struct ServerTrustArguments: ParsableArguments {
    @Flag(
        inversion: .prefixedNo,
        help: "The server is a task of ECS; else an instance of EC2."
    )
    var ecs: Bool?
    @Option(help: ArgumentHelp("The server is a pod: its cluster's OIDC provider in IAM.", valueName: "arn"))
    var oidcProvider: String?
    @Option(help: ArgumentHelp("With --oidc-provider: the pod's account.", valueName: "namespace:name"))
    var serviceAccount: String?
    @Option(
        help: ArgumentHelp("The server is a pod that EKS gives the role to: the cluster's name.", valueName: "cluster")
    )
    var podIdentity: String?

    /// The options as typed.
    var options: ServerTrustOptions {
        var options = ServerTrustOptions()
        options.ecs = ecs
        options.oidcProvider = oidcProvider
        options.serviceAccount = serviceAccount
        options.podIdentity = podIdentity
        return options
    }
}
