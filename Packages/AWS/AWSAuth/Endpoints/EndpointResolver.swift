/// Finds each service's endpoint: an override where one is set, else the regional one of the region's partition.
///
/// `AWS_ENDPOINT_URL_<SERVICE>`, `AWS_ENDPOINT_URL`, `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS`, `AWS_USE_FIPS_ENDPOINT`
/// and `AWS_USE_DUALSTACK_ENDPOINT`, as on
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html. STS is always regional.
public struct EndpointResolver: Sendable {
    private typealias Override = (setting: String, url: String)

    /// By service, the general one under the empty name; the environment's first, then the profile's.
    private let overrides: [[String: Override]]
    private let usesFIPS: Bool
    private let usesDualStack: Bool

    /// A resolver of the environment's settings; config files aren't read.
    ///
    /// - Parameter environment: variables by name; an empty value counts as unset.
    public init(environment: [String: String]) {
        self.init(environment: environment, profile: [:])
    }

    /// A resolver of the environment's settings, then the profile's: `endpoint_url`, its `services` section,
    /// `use_fips_endpoint`, `use_dualstack_endpoint`, `ignore_configured_endpoint_urls`.
    ///
    /// - Parameters:
    ///   - environment: variables by name; an empty value counts as unset.
    ///   - name: of the profile, as chosen in code; nil leaves it to `AWS_PROFILE` and `default`.
    /// - Throws: ``CredentialError`` for config files that can't be read, and a chosen profile that isn't there.
    public init(environment: [String: String], profileNamed name: String?) throws(CredentialError) {
        self = try ResolvedProfile(environment: environment, profile: name).endpoints()
    }

    /// `profile` has the config file's settings under the names of the variables that they correspond to.
    init(environment: [String: String], profile: [String: String]) {
        func isOn(_ name: String) -> Bool {
            (environment[name] ?? profile[name])?.lowercased() == "true"
        }
        usesFIPS = isOn("AWS_USE_FIPS_ENDPOINT")
        usesDualStack = isOn("AWS_USE_DUALSTACK_ENDPOINT")
        let isIgnored = isOn("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
        overrides = isIgnored ? [] : [environment, profile].map(Self.overrides)
    }

    private static func overrides(_ source: [String: String]) -> [String: Override] {
        var found: [String: Override] = [:]
        for service in [""] + AWSService.allCases.map(\.settingName) {
            let name = service.isEmpty ? "AWS_ENDPOINT_URL" : "AWS_ENDPOINT_URL_\(service)"
            if let url = source[name], !url.isEmpty { found[service] = (name, url) }
        }
        return found
    }

    /// The endpoint of `service` in `region`.
    ///
    /// - Throws: ``EndpointError``, for a region that isn't one or is of an isolated partition, and for an override
    ///   that isn't https (or http to this machine).
    public func endpoint(for service: AWSService, region: String) throws(EndpointError) -> Endpoint {
        guard RegionName.isValid(region) else { throw .malformedRegion }
        let partition: Partition
        do {
            partition = try Partition(region: region)
        } catch {
            throw .partition(error)
        }
        let isGlobal = service == .iam
        let signingRegion = isGlobal ? partition.globalRegion : region
        if let override = overrides.lazy.compactMap({ $0[service.settingName] ?? $0[""] }).first {
            return Endpoint(url: try Self.checked(override), signingRegion: signingRegion)
        }
        return Endpoint(
            url: "https://" + host(of: service, region: region, in: partition),
            signingRegion: signingRegion
        )
    }

    private static func checked(_ override: Override) throws(EndpointError) -> String {
        guard let parts = URLParts(override.url), parts.query == nil else {
            throw .malformedURL(setting: override.setting)
        }
        guard parts.scheme == "https" || parts.isLoopback else { throw .plainHTTP(setting: override.setting) }
        var path = parts.path
        while path.hasSuffix("/") { path.removeLast() }
        let port = parts.port.map { ":\($0)" } ?? ""
        return "\(parts.scheme)://\(parts.host)\(port)\(path)"
    }

    private func host(of service: AWSService, region: String, in partition: Partition) -> String {
        if service == .iam { return iamHost(in: partition) }
        // In GovCloud the plain host of these is the FIPS one; botocore's rules say so per service.
        let plainIsFIPS =
            partition == .govCloud && [.sts, .cloudFormation, .ec2, .logs, .sso, .ssoOIDC].contains(service)
            && !usesDualStack
        let fips = usesFIPS && !plainIsFIPS ? "-fips" : ""
        // Its plain hosts answer on IPv6 too, but in the European cloud. There is no FIPS in China; botocore's rules
        // make that name none the less.
        let hasOneHost =
            service == .secretsManager && !(usesFIPS && partition == .china) && partition != .europeanSovereign
        let domain = usesDualStack && !hasOneHost ? partition.dualStackDomain : partition.domain
        return "\(service.hostPrefix)\(fips).\(region).\(domain)"
    }

    private func iamHost(in partition: Partition) -> String {
        let fips = usesFIPS ? "-fips" : ""
        switch (partition, usesDualStack) {
        case (.aws, true): return "iam\(fips).global.api.aws"
        case (.aws, false): return "iam\(fips).amazonaws.com"
        case (.govCloud, true): return "iam.us-gov.api.aws"
        case (.govCloud, false): return "iam.us-gov.amazonaws.com"
        // There is no FIPS in China; botocore's rules make these names, which don't resolve.
        case (.china, true):
            return usesFIPS ? "iam-fips.\(partition.dualStackDomain)" : "iam.global.\(partition.dualStackDomain)"
        case (.china, false): return usesFIPS ? "iam-fips.\(partition.domain)" : "iam.cn-north-1.\(partition.domain)"
        case (.europeanSovereign, true): return "iam\(fips).\(partition.dualStackDomain)"
        case (.europeanSovereign, false):
            return usesFIPS ? "iam-fips.\(partition.domain)" : "iam.\(partition.globalRegion).\(partition.domain)"
        }
    }
}

/// The URL of a service and the region that requests are signed for.
public struct Endpoint: Sendable, Equatable {
    /// `https://host`, perhaps with a port and a path; no slash at the end.
    public let url: String
    public let signingRegion: String

    /// True if the endpoint is on this machine, which takes no proxy.
    var isLoopback: Bool {
        URLParts(url)?.isLoopback ?? false
    }
}

/// The reason why there is no endpoint.
public enum EndpointError: Error, Sendable, Equatable {
    /// The region isn't the name of one, so it must not become part of a host name.
    case malformedRegion
    /// The region is of no partition that is supported.
    case partition(PartitionError)
    /// The setting of this name is not an absolute URL without user, query and fragment.
    case malformedURL(setting: String)
    /// The setting of this name is plain http to another machine.
    case plainHTTP(setting: String)
}

/// The services that Bursar calls, with AWS's names for each.
public enum AWSService: String, Sendable, CaseIterable {
    case sts = "sts"
    case iam = "iam"
    case cloudFormation = "cloudformation"
    case bedrock = "bedrock"
    case bedrockRuntime = "bedrock-runtime"
    case sso = "portal.sso"
    case ssoOIDC = "oidc"
    case secretsManager = "secretsmanager"
    case ec2 = "ec2"
    case logs = "logs"

    /// The first part of the host name.
    var hostPrefix: String { rawValue }

    /// The name in the credential scope.
    var signingName: String {
        switch self {
        case .bedrockRuntime: "bedrock"
        case .sso: "awsssoportal"
        case .ssoOIDC: "sso-oauth"
        default: rawValue
        }
    }

    /// The suffix of `AWS_ENDPOINT_URL_`; in lower case, the key inside a `services` section of the config file.
    var settingName: String {
        switch self {
        case .sts: "STS"
        case .iam: "IAM"
        case .cloudFormation: "CLOUDFORMATION"
        case .bedrock: "BEDROCK"
        case .bedrockRuntime: "BEDROCK_RUNTIME"
        case .sso: "SSO"
        case .ssoOIDC: "SSO_OIDC"
        case .secretsManager: "SECRETS_MANAGER"
        case .ec2: "EC2"
        case .logs: "CLOUDWATCH_LOGS"
        }
    }
}
