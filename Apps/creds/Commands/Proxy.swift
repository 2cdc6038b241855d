import AWSAuth
import AWSClients
import ArgumentParser
import BursarConsole
import BursarHTTP
import BursarModel

/// Runs a local endpoint for Bedrock, for tools that read a token only once.
struct Proxy: CredsCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve Bedrock to tools that read a token once.",
        discussion: """
              bash, zsh:   eval "$(creds proxy --parent $$ &)"
              fish:        sh -c 'creds proxy --format fish --parent $0 &' $fish_pid | source

            The variables that it prints lead a tool here, with a token that works nowhere else and doesn't end. Each \
            request goes on to Bedrock in one region with a token that was made for it, so a tool that runs all night \
            keeps working. boto3, the AWS CLI and some other SDKs send no token over http: they renew by themselves \
            with AWS_PROFILE, in a shell without these variables. Only programs of this user that know the token are \
            answered, and only Bedrock's runtime is asked. Nothing of what passes is kept or logged.
            """
    )
    /// The variables that are removed when the proxy could not be started.
    static let variables = [
        "AWS_BEARER_TOKEN_BEDROCK", "AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "ANTHROPIC_BEDROCK_BASE_URL",
    ]

    @OptionGroup var options: EndpointOptions
    @Option(help: "The region; else AWS_REGION, AWS_DEFAULT_REGION or the profile's.", transform: AWSRegion.parse)
    var region: AWSRegion?
    @Option(help: "How long the token of one request may live, up to 12h. (default: 15m)", transform: Token.span)
    var ttl = TimeSpan(seconds: 15 * 60)

    func run(_ context: CredsContext) async throws {
        let vended = try ProfileSession(options.profile.name, context)
        let region = try region(of: vended, context)
        _ = try await vended.session()
        let session = InMemorySession(options.profile.name, context)
        await session.refresh()
        var limits = try LocalServer.Limits.forThisProcess()
        limits.body = BedrockForwarder.longestBody
        // A model may think for minutes before its first byte.
        limits.idle = .seconds(3600)
        let server = try await LocalServer.listen(port: options.port, limits: limits)
        let token = LocalEndpointAuthorizer.newToken()
        let forwarder = BedrockForwarder(
            authorizer: LocalEndpointAuthorizer(port: server.port, token: token, scheme: "Bearer "),
            session: session,
            upstream: try upstream(region, port: server.port, context),
            region: region,
            tokenLifetime: .seconds(ttl.seconds),
            transport: context.transport,
            now: context.now
        )
        warnOfProxy(context)
        let url = Secret("http://127.0.0.1:\(server.port)")
        // boto3 reads only the second.
        let regions = RegionSetting.variables.map { (name: $0, value: Secret(region.description)) }
        let values = zip(Self.variables, [token, url, url]).map { (name: $0, value: $1) } + regions
        try await options.serve(
            server,
            session,
            variables: ShellVariables(values: values.map { (name: $0.name, value: $0.value) }, expiration: nil),
            note: "\(url.reveal()) leads to \(forwarder.upstream.url), as \(options.profile.name)",
            context,
            forwarder.handle
        )
    }

    /// Warns that tools may send prompts and the token, unencrypted, to the proxy that is set for the web.
    private func warnOfProxy(_ context: CredsContext) {
        guard let proxy = ProxySettings(context.environment, scheme: "http"), proxy.isUsed(for: "127.0.0.1") else {
            return
        }
        context.terminal.warn(
            UserFacingError(
                "tools may send what is for 127.0.0.1 to the proxy of \(proxy.variable)",
                hint: #"export NO_PROXY="${NO_PROXY:+$NO_PROXY,}127.0.0.1""#
            )
        )
    }

    private func region(of session: ProfileSession, _ context: CredsContext) throws(UserFacingError) -> AWSRegion {
        if let region { return region }
        let hint = "creds proxy --region us-east-1"
        guard let text = session.region else {
            throw UserFacingError("no region is set, and a token works in one only", hint: hint)
        }
        return try AWSRegion.reading(text, context.environment, hint: hint)
    }

    /// The URL of Bedrock's endpoint, or of the one that is set instead.
    ///
    /// - Throws: ``UserFacingError``, also when the setting is this very proxy's address.
    private func upstream(_ region: AWSRegion, port: Int, _ context: CredsContext) throws(UserFacingError)
        -> BedrockForwarder.Upstream
    {
        let endpoint: AWSAuth.Endpoint
        do {
            endpoint = try EndpointResolver(environment: context.environment)
                .endpoint(for: .bedrockRuntime, region: region.description)
        } catch {
            throw CredentialChainMessages.problem(error, profile: nil, context.environment)
        }
        let authority = endpoint.url.split(separator: "/", omittingEmptySubsequences: false).dropFirst(2).first ?? ""
        let host = authority.hasPrefix("[") ? authority.prefix { $0 != "]" } + "]" : authority.prefix { $0 != ":" }
        let isLoopback = Loopback.contains(host: host)
        guard !(isLoopback && authority.hasSuffix(":\(port)")) else {
            throw UserFacingError(
                "AWS_ENDPOINT_URL… is this proxy's own address",
                hint: "unset AWS_ENDPOINT_URL_BEDROCK_RUNTIME AWS_ENDPOINT_URL"
            )
        }
        return BedrockForwarder.Upstream(url: endpoint.url, isLoopback: isLoopback)
    }
}
