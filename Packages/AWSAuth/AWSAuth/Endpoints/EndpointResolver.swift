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

    /// What the environment says; config files aren't read.
    ///
    /// - Parameter environment: variables by name; an empty value counts as unset.
    public init(environment: [String: String]) {
        self.init(environment: environment, profile: [:])
    }

    /// What the environment says, and after it the profile: `endpoint_url`, its `services` section, `use_fips_endpoint`,
    /// `use_dualstack_endpoint`, `ignore_configured_endpoint_urls`.
    ///
    /// - Parameters:
    ///   - environment: variables by name; an empty value counts as unset.
    ///   - name: of the profile, as chosen in code; nil leaves it to `AWS_PROFILE` and `default`.
    /// - Throws: ``CredentialError`` for config files that can't be read, and a chosen profile that isn't there.
    public init(environment: [String: String], profileNamed name: String?) throws(CredentialError) {
        self = try ResolvedProfile(environment: environment, profile: name).endpoints()
    }

    /// `profile` is what the config file says: its settings by the names of the variables they stand for.
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
    /// - Throws: ``EndpointError``, for a region that isn't one or is of an isolated partition, and for an override that
    ///   isn't https (or http to this machine).
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
        // Its plain hosts answer on IPv6 too, but in the European cloud. There is no FIPS in China; botocore's rules make
        // that name none the less.
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
