import AWSAuth
import AWSClients
import ArgumentParser
import BursarConsole
import BursarModel
import Deployment

struct PrintOperatorPolicy: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "operator",
        abstract: "The permissions that you need for a stack, and to end sessions.",
        discussion: #"""
            For a person, or a role of CI: all that admin aws plan, apply, status and
            destroy take, and admin sessions end and allow. CloudFormation acts as its
            caller, so what the stack's resources take is in it. admin aws status --models
            needs bedrock:InvokeModel besides.

            Whoever has it can give the stack's roles any permission, and say who assumes
            them: it is worth as much as an administrator's for the whole account. With
            --permissions-boundary, roles get permissions only while they have that policy
            as their boundary: give the same option to admin aws plan and apply, and the
            boundary to the roles of --role-arn. The operator's own policy must not be
            named as the stack's resources are, which it lets its owner change.

            --spend adds what admin spend setup and status take, in every region.

            Examples:
              admin policy operator --account 123456789012 --region eu-central-1
              admin policy operator --account 123456789012 \
                --permissions-boundary arn:aws:iam::123456789012:policy/limit
              admin policy operator --stack-name bursar-test > operator.json
              admin policy operator --account 123456789012 --spend
            """#
    )

    @OptionGroup var shared: SharedOptions
    @OptionGroup var stack: StackNameOption
    @Option(help: ArgumentHelp("The stack's account; else any.", valueName: "number"))
    var account: String?
    @Option(help: ArgumentHelp("The stack's region; else any.", valueName: "region"))
    var region: String?
    @Option(help: ArgumentHelp("aws, aws-us-gov, aws-cn or aws-eusc; else the region's.", valueName: "name"))
    var partition: String?
    @Option(help: ArgumentHelp("A role outside of the stack that sessions are ended on.", valueName: "arn"))
    var roleArn: [String] = []
    @Option(help: ArgumentHelp("The policy beyond which no role may go.", valueName: "arn"))
    var permissionsBoundary: String?
    @Flag(help: "Switching on the log that spend is counted from, too.")
    var spend = false

    func run() throws {
        try shared.run { context in
            let partition = try namedPartition()
            if let account, !AccountID.isValid(account) {
                throw UserFacingError.misuse("--account \"\(account)\" is not an account", hint: "it has twelve digits")
            }
            var policy = OperatorPolicy(
                partition: partition,
                account: account,
                region: region,
                stack: try stack.checked()
            )
            for arn in roleArn { policy.otherRoles.append(try RoleName(arn, .option("--role-arn")).arn) }
            policy.boundary = try boundary(policy)
            policy.managesInvocationLogs = spend
            let document = policy.document
            try PolicySize(document).checkPermissions(context.terminal)
            try context.terminal.print(try document.pretty())
            if account == nil {
                context.terminal.note("it holds in whichever account it is attached; --account names one")
            }
            if policy.boundary == nil {
                context.terminal.note(
                    "it is worth as much as an administrator's; --permissions-boundary limits what roles may be given"
                )
            }
        }
    }

    /// - Throws: ``UserFacingError`` for a boundary that the holder of `policy` could change, or that none of its roles
    ///   can have.
    private func boundary(_ policy: OperatorPolicy) throws(UserFacingError) -> String? {
        guard let arn = try PermissionsBoundary.checked(permissionsBoundary, policy.partition),
            let parts = try ARN.reading(arn, .option("--permissions-boundary"))
        else { return nil }
        guard parts.account == "aws" || account == nil || parts.account == account else {
            throw UserFacingError.misuse(
                "--permissions-boundary is of the account \(parts.account), the roles of \(account ?? "")",
                hint: "a role's boundary is a policy of its own account, or AWS's"
            )
        }
        guard parts.account == "aws" || !policy.manages(policy: parts.name) else {
            throw UserFacingError.misuse(
                "--permissions-boundary \"\(parts.name)\" is named as the stack's policies are, so an operator could change it",
                hint: "give the boundary a name that doesn't begin with the stack's"
            )
        }
        return arn
    }

    private func namedPartition() throws(UserFacingError) -> Partition {
        let own = try region.map { (name) throws(UserFacingError) in
            try Partition.reading(region: name, .option("--region"))
        }
        guard let partition else { return own ?? .aws }
        let named = try Partition.reading(partition, .option("--partition"))
        guard own == nil || own == named else {
            throw UserFacingError.misuse(
                "--region \(region ?? "") is not of \(named.rawValue)",
                hint: "leave --partition out"
            )
        }
        return named
    }
}
