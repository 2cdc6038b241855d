import BursarFiles
import BursarModel
import INIParser
import SystemPackage

/// The settings of the environment and of the chosen profile, combined.
struct ResolvedProfile {
    let environment: [String: String]
    let configuration: SharedConfiguration
    /// The name of the chosen profile; `default` if none was chosen.
    let profileName: String
    /// True if code chose the profile: then keys in the environment are ignored, as with `--profile`.
    let profileIsExplicit: Bool

    /// - Parameters:
    ///   - environment: variables by name; an empty value counts as unset.
    ///   - profile: as chosen in code; else `AWS_DEFAULT_PROFILE`, then `AWS_PROFILE` choose, as in botocore.
    /// - Throws: ``CredentialError``: for files that can't be read, and a chosen profile that isn't there.
    init(environment: [String: String], profile: String?) throws(CredentialError) {
        self.environment = environment
        configuration = try SharedConfiguration(environment: environment)
        let chosen = profile ?? Self.value("AWS_DEFAULT_PROFILE", environment) ?? Self.value("AWS_PROFILE", environment)
        if let chosen, configuration.profiles[ExactText(chosen)] == nil { throw .profileMissing(chosen) }
        profileName = chosen ?? "default"
        profileIsExplicit = profile != nil
    }

    /// The chosen profile; empty when there is no `default`.
    var profile: Profile {
        configuration.profiles[ExactText(profileName)] ?? Profile(name: profileName)
    }

    /// A variable; nil when it is unset or empty.
    func variable(_ name: String) -> String? {
        Self.value(name, environment)
    }

    func path(_ text: String) -> FilePath? {
        PathExpansion(environment: environment).expand(text)
    }

    /// `AWS_REGION`, then `AWS_DEFAULT_REGION`, then the profile's `region`.
    func region() throws(CredentialError) -> String? {
        if let region = variable("AWS_REGION") ?? variable("AWS_DEFAULT_REGION") { return region }
        return try profile.text("region").flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Endpoints as environment and profile set them, `services` sections included.
    func endpoints() -> EndpointResolver {
        var values: [String: String] = [:]
        func take(_ setting: ExactText, as name: String) {
            if case .text(let text) = profile[setting] { values[name] = text }
        }
        take("endpoint_url", as: "AWS_ENDPOINT_URL")
        take("ignore_configured_endpoint_urls", as: "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
        take("use_fips_endpoint", as: "AWS_USE_FIPS_ENDPOINT")
        take("use_dualstack_endpoint", as: "AWS_USE_DUALSTACK_ENDPOINT")
        if case .text(let name) = profile["services"], let services = configuration.services[ExactText(name)] {
            for service in AWSService.allCases {
                guard case .nested(let block) = services[ExactText(service.settingName.lowercased())] else { continue }
                values["AWS_ENDPOINT_URL_\(service.settingName)"] = block["endpoint_url"]
            }
        }
        return EndpointResolver(environment: environment, profile: values)
    }

    private static func value(_ name: String, _ environment: [String: String]) -> String? {
        environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }
}

/// The region that the user has configured for AWS's tools.
public enum RegionSetting {
    /// The environment variables that set a region, in the order in which AWS's tools read them.
    public static let variables = ["AWS_REGION", "AWS_DEFAULT_REGION"]

    /// `explicit`, else `AWS_REGION`, else `AWS_DEFAULT_REGION`, else the profile's `region`; nil if none is set.
    ///
    /// - Parameters:
    ///   - explicit: as given in code or on a command line.
    ///   - environment: variables by name; an empty value counts as unset.
    ///   - profile: as chosen in code; nil leaves it to `AWS_PROFILE` and `default`.
    /// - Returns: the name as written; whether it is one is checked where it is used.
    /// - Throws: ``CredentialError`` when the config files have to be read and can't be.
    public static func find(
        explicit: String? = nil,
        environment: [String: String],
        profile: String? = nil
    ) throws(CredentialError) -> String? {
        if let explicit, !explicit.isEmpty { return explicit }
        if let variable = variable(in: environment) { return environment[variable] }
        return try ResolvedProfile(environment: environment, profile: profile).region()
    }

    /// The variable that sets the region, for an error that names it; nil if none does.
    public static func variable(in environment: [String: String]) -> String? {
        variables.first { environment[$0]?.isEmpty == false }
    }
}
