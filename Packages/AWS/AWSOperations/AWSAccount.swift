package import AWSAuth
package import AWSClients
package import BursarConsole
package import BursarFoundation
import BursarHTTP
package import BursarModel

/// The operator's AWS account, with a client for each service.
package struct AWSAccount: Sendable {
    package let terminal: Terminal
    package let region: String
    package let partition: Partition
    package let now: @Sendable () -> Date
    /// The record of changes, which clients don't write by themselves; nil for commands that change nothing.
    package let changes: (any AWSChangeLog)?
    package let iam: IAMClient
    package let bedrock: BedrockClient
    package let secrets: SecretsManagerClient
    private let endpoints: EndpointResolver
    private let clientContext: AWSClientContext
    private let operatorsOwn: any CredentialProvider

    /// The account of `profile`, in the region that is `typed`; else those that AWS's tools would use.
    package init(
        profile: String?,
        region typed: String?,
        changes: (any AWSChangeLog)? = nil,
        terminal: Terminal,
        environment: [String: String],
        now: @escaping @Sendable () -> Date
    ) throws {
        self.terminal = terminal
        self.now = now
        self.changes = changes
        region =
            try RegionSetting.find(explicit: typed, environment: environment, profile: profile)
            ?? RegionSetting.fallback
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
    package func introduce() async throws -> CallerIdentity {
        let identity = try await sts().callerIdentity()
        report(identity)
        return identity
    }

    /// Prints the identity that the command acts as, in one region or several.
    package func report(_ identity: CallerIdentity, regions: [String]? = nil) {
        changes?.isIn(account: identity.account)
        let regions = regions ?? [region]
        let place = "\(regions.count == 1 ? "region" : "regions") \(regions.joined(separator: ", "))"
        terminal.note("acting as \(identity.arn), account \(identity.account), \(place)")
    }

    /// The client of Bedrock's runtime.
    package func runtime() throws -> BedrockRuntimeClient {
        try BedrockRuntimeClient(
            region: region,
            credentials: operatorsOwn,
            endpoints: endpoints,
            clientContext: clientContext
        )
    }

    /// The client of CloudFormation, which retries throttled requests for half a minute: other stacks share its rate
    /// limit.
    package func cloudFormation() throws -> CloudFormationClient {
        try CloudFormationClient(
            region: region,
            credentials: operatorsOwn,
            endpoints: endpoints,
            clientContext: clientContext,
            retries: RetryRules(throttledAttempts: 60, longestPause: .seconds(5), deadline: .seconds(30))
        )
    }

    package func ec2() throws -> EC2Client {
        try EC2Client(region: region, credentials: operatorsOwn, endpoints: endpoints, clientContext: clientContext)
    }

    package func logs() throws -> LogsClient {
        try LogsClient(region: region, credentials: operatorsOwn, endpoints: endpoints, clientContext: clientContext)
    }

    /// The clients of one region's invocation log.
    package func invocationLog(in region: String) throws -> InvocationLogClients {
        try InvocationLogClients(
            in: region,
            credentials: operatorsOwn,
            endpoints: endpoints,
            clientContext: clientContext
        )
    }

    /// The client of STS, with the operator's credentials or the given ones.
    package func sts(_ credentials: AWSCredentials? = nil) throws -> STSClient {
        try STSClient(
            region: region,
            credentials: credentials.map { StaticCredentials($0) } ?? operatorsOwn,
            endpoints: endpoints,
            clientContext: clientContext
        )
    }
}

/// The record of an operator's changes in AWS, which clients don't write by themselves.
package protocol AWSChangeLog: Sendable {
    /// Names the account of the changes, once it is known.
    func isIn(account: String)
    /// Records a change that AWS has made, in CloudTrail's terms.
    func add(_ change: String, researcher: Handle?)
    /// Checks that a change can be recorded, before one that must not go unrecorded.
    ///
    /// - Throws: ``UserFacingError`` when the record can't be written.
    func check() throws(UserFacingError)
}

extension AWSChangeLog {
    package func add(_ change: String) {
        add(change, researcher: nil)
    }
}
