import AWSAuth
import AWSClients
import ArgumentParser
import BursarConsole
import Deployment
import ServerSettings

struct PrintTrustPolicy: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trust",
        abstract: "The trust policy of the role that researchers get sessions of.",
        discussion: #"""
            It lets the vending server assume the role, and nobody else.

            Examples:
              admin policy trust \
                --server-role-arn arn:aws:iam::123456789012:role/vending-server \
                --external-id bursar-1 --tags --source-identity > trust.json
              aws iam update-assume-role-policy --role-name bedrock \
                --policy-document file://trust.json
            """#
    )

    @OptionGroup var shared: SharedOptions
    @Option(help: ArgumentHelp("The role, or user, that the server runs as.", valueName: "arn"))
    var serverRoleArn: String
    @Option(help: ArgumentHelp("What the server must send along. (BURSAR_EXTERNAL_ID)", valueName: "id"))
    var externalID: String?
    @OptionGroup var features: SessionFeatures

    func run() throws {
        try shared.run { context in
            let view = try LocalServerSettings(context)
            let server = try RoleName(serverRoleArn, .option("--server-role-arn"), kinds: ["role", "user"])
            let externalID = externalID ?? view.role.externalID
            _ = try ExternalID.checked(externalID)
            let document = features.policies(view).trust(server: server.arn, externalID: externalID)
            try PolicySize(document).checkTrust(context.terminal)
            try context.terminal.print(try document.pretty())
            if externalID == nil {
                context.terminal.note("no external id is asked for; --external-id adds one")
            }
            context.terminal.note("the server's own role needs: admin policy permissions --for server")
        }
    }
}

/// The attributes of sessions besides the researcher's name; these options override the settings.
struct SessionFeatures: ParsableArguments {
    @Flag(inversion: .prefixedNo, help: "Sessions carry tags: sts:TagSession. (BURSAR_SESSION_TAGS)")
    var tags: Bool?
    @Flag(
        inversion: .prefixedNo,
        help: "Sessions carry SourceIdentity: sts:SetSourceIdentity. (BURSAR_SOURCE_IDENTITY)"
    )
    var sourceIdentity: Bool?

    func policies(_ view: LocalServerSettings) -> RolePolicies {
        RolePolicies(
            tagsSessions: tags ?? view.role.tagsSessions,
            setsSourceIdentity: sourceIdentity ?? view.role.setsSourceIdentity
        )
    }
}
