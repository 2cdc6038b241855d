import BursarFiles
import BursarModel
import INIParser
import SystemPackage

/// What the environment and the chosen profile say together.
struct ResolvedProfile {
    let environment: [String: String]
    let configuration: SharedConfiguration
    /// The chosen profile; `default` when nobody chose.
    let profileName: String
    /// Whether code chose it: then keys in the environment don't count, as with `--profile`.
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
