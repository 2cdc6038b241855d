import AWSAuth
import AWSClients
import BursarConsole
import BursarFoundation
import BursarHTTP

/// The operator's AWS account, with a client for each service.
struct AWSAccount {
    /// The region of commands for which no option, variable or profile names one.
    static let defaultRegion = "us-east-1"

    let terminal: Terminal
    let region: String
    let partition: Partition
    let now: @Sendable () -> Date
    /// The record of changes, which clients don't write by themselves; nil for commands that change nothing.
    let changes: ChangeRecord?
    let iam: IAMClient
    let bedrock: BedrockClient
    let secrets: SecretsManagerClient
    private let endpoints: EndpointResolver
    private let clientContext: AWSClientContext
    private let operatorsOwn: any CredentialProvider

    init(
        _ options: AWSOptions,
        changes: ChangeRecord? = nil,
        terminal: Terminal,
        environment: [String: String],
        now: @escaping @Sendable () -> Date
    ) throws {
        try self.init(
            profile: options.awsProfile,
            region: options.region,
            changes: changes,
            terminal: terminal,
            environment: environment,
            now: now
        )
    }

    init(
        profile: String?,
        region typed: String?,
        changes: ChangeRecord? = nil,
        terminal: Terminal,
        environment: [String: String],
        now: @escaping @Sendable () -> Date
    ) throws {
        self.terminal = terminal
        self.now = now
        self.changes = changes
        region =
            try RegionSetting.find(explicit: typed, environment: environment, profile: profile)
            ?? Self.defaultRegion
        partition = try Partition(region: region)
        clientContext = AWSClientContext(transport: HTTPTransport(), now: now)
        endpoints = try EndpointResolver(environment: environment, profileNamed: profile)
        operatorsOwn = RefreshingCredentials(
            CredentialChain(environment: environment, profile: profile, clientContext: clientContext),
            clientContext: clientContext
        )
        iam = try IAMClient(
            region: region,
            credentials: operatorsOwn,
            endpoints: endpoints,
            clientContext: clientContext
        )
        bedrock = try BedrockClient(
            region: region,
            credentials: operatorsOwn,
            endpoints: endpoints,
            clientContext: clientContext
        )
        secrets = try SecretsManagerClient(
            region: region,
            credentials: operatorsOwn,
            endpoints: endpoints,
            clientContext: clientContext
        )
    }

    /// Prints the identity that the command acts as, before it does anything.
    func introduce() async throws -> CallerIdentity {
        let identity = try await sts().callerIdentity()
        report(identity)
        return identity
    }

    /// Prints the identity that the command acts as.
    func report(_ identity: CallerIdentity) {
        changes?.isIn(account: identity.account)
        terminal.note("acting as \(identity.arn), account \(identity.account), region \(region)")
    }

    /// The client of Bedrock's runtime.
    func runtime() throws -> BedrockRuntimeClient {
        try BedrockRuntimeClient(
            region: region,
            credentials: operatorsOwn,
            endpoints: endpoints,
            clientContext: clientContext
        )
    }

    /// The client of CloudFormation, which retries throttled requests for half a minute: other stacks share its rate
    /// limit.
    func cloudFormation() throws -> CloudFormationClient {
        try CloudFormationClient(
            region: region,
            credentials: operatorsOwn,
            endpoints: endpoints,
            clientContext: clientContext,
            retries: RetryRules(throttledAttempts: 60, longestPause: .seconds(5), deadline: .seconds(30))
        )
    }

    func ec2() throws -> EC2Client {
        try EC2Client(region: region, credentials: operatorsOwn, endpoints: endpoints, clientContext: clientContext)
    }

    func logs() throws -> LogsClient {
        try LogsClient(region: region, credentials: operatorsOwn, endpoints: endpoints, clientContext: clientContext)
    }

    /// The client of STS, with the operator's credentials or the given ones.
    func sts(_ credentials: AWSCredentials? = nil) throws -> STSClient {
        try STSClient(
            region: region,
            credentials: credentials.map { StaticCredentials($0) } ?? operatorsOwn,
            endpoints: endpoints,
            clientContext: clientContext
        )
    }
}
