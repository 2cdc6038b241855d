import AWSAuth
import AWSClients
package import BursarConsole
import BursarFoundation
package import BursarModel

/// The options that a stack was made with.
///
/// They are stored in its template's metadata, so that an option omitted later keeps its value; none of them is secret.
package struct DeployedOptions: Codable, Equatable, Sendable {
    package var models: [String]?
    package var regions: [String]?
    package var allowGlobal: Bool?
    package var allowStreams: Bool?
    package var allowTiers: Bool?
    package var mantle: Bool?
    package var externalID: String?
    /// nil is an hour.
    package var maxSession: String?
    package var permissionsBoundary: String?
    package var tags: [String]?
    package var availabilityZone: String?
    package var volumeSize: Int?
    package var ecs: Bool?
    package var oidcProvider: String?
    package var serviceAccount: String?
    package var podIdentity: String?
    /// Stored as an output, not as metadata: nothing else in a stack changes with it, and CloudFormation accepts no
    /// change of metadata alone.
    package var addresses: String?

    private enum CodingKeys: CodingKey {
        case models, regions, allowGlobal, allowStreams, allowTiers, mantle, externalID, maxSession
        case permissionsBoundary, tags, availabilityZone, volumeSize, ecs, oidcProvider, serviceAccount
        case podIdentity
    }

    private struct Template: Decodable {
        struct Metadata: Decodable {
            struct Own: Decodable {
                let options: DeployedOptions

                enum CodingKeys: String, CodingKey { case options = "Options" }
            }

            let own: Own?

            enum CodingKeys: String, CodingKey { case own = "Bursar" }
        }

        let metadata: Metadata?

        enum CodingKeys: String, CodingKey { case metadata = "Metadata" }
    }

    package init() {}

    package init(_ configuration: StackConfiguration) {
        models = configuration.models?.patterns.map(\.description)
        regions = configuration.regions?.names
        allowGlobal = configuration.regions?.allowsGlobalProfiles == true ? true : nil
        allowStreams = configuration.allowsStreams ? true : nil
        allowTiers = configuration.allowsTiers ? true : nil
        mantle = configuration.allowsMantle ? true : nil
        externalID = configuration.externalID
        let minutes = configuration.longestSession.seconds / 60
        if configuration.longestSession != .oneHour {
            maxSession = minutes.isMultiple(of: 60) ? "\(minutes / 60)h" : "\(configuration.longestSession.seconds)s"
        }
        permissionsBoundary = configuration.permissionsBoundary
        tags = configuration.tags.isEmpty ? nil : configuration.tags.map { "\($0.key)=\($0.value)" }
        availabilityZone = configuration.volume?.availabilityZone
        volumeSize = configuration.volume?.size
        addresses = configuration.allowed?.description
        switch configuration.serverTrust {
        case .instance: break
        case .task: ecs = true
        case .associatedPod(let cluster): podIdentity = cluster
        case .pod(let account): (oidcProvider, serviceAccount) = (account.provider, account.name)
        }
    }

    /// Reads the options of `template`; nil when it has none.
    ///
    /// - Throws: ``UserFacingError`` when they are unreadable, since defaults could widen access.
    package init?(parsing template: String) throws(UserFacingError) {
        guard let document = try? JSONDecoder().decode(Template.self, from: Data(template.utf8)) else {
            throw UserFacingError(
                "the options that the stack was made with can't be read from its template",
                hint: "its metadata was changed by hand: mend it in CloudFormation's console, or make the stack again"
            )
        }
        guard let own = document.metadata?.own else { return nil }
        self = own.options
    }

    /// The metadata of the template.
    func metadata() throws -> TemplateValue {
        let options = try JSONDecoder().decode(TemplateValue.self, from: JSONEncoder().encode(self))
        return ["Bursar": ["Options": options]]
    }
}

extension DeployedOptions {
    /// An option, its value, and the stack's behaviour without it.
    package struct Entry: Sendable {
        package let option: String
        package let value: String?
        package let otherwise: String
    }

    /// All options, in the order of the help.
    package var entries: [Entry] {
        [
            Entry(option: "models", value: models?.joined(separator: ","), otherwise: "any"),
            Entry(option: "regions", value: regions?.joined(separator: ","), otherwise: "anywhere"),
            Entry(option: "allow-global", value: allowGlobal == true ? "yes" : nil, otherwise: "no"),
            Entry(option: "allow-streams", value: allowStreams == true ? "yes" : nil, otherwise: "no"),
            Entry(option: "allow-tiers", value: allowTiers == true ? "yes" : nil, otherwise: "no"),
            Entry(option: "mantle", value: mantle == true ? "yes" : nil, otherwise: "no"),
            Entry(option: "external-id", value: externalID, otherwise: "none"),
            Entry(option: "max-session", value: maxSession, otherwise: "1h"),
            Entry(option: "ip", value: addresses, otherwise: "anybody"),
            Entry(option: "permissions-boundary", value: permissionsBoundary, otherwise: "none"),
            Entry(option: "tag", value: tags?.joined(separator: " "), otherwise: "none"),
            Entry(option: "availability-zone", value: availabilityZone, otherwise: "none"),
            Entry(option: "volume-size", value: volumeSize.map(String.init), otherwise: "none"),
            Entry(option: "ecs", value: ecs == true ? "yes" : nil, otherwise: "no"),
            Entry(option: "oidc-provider", value: oidcProvider, otherwise: "none"),
            Entry(option: "service-account", value: serviceAccount, otherwise: "none"),
            Entry(option: "pod-identity", value: podIdentity, otherwise: "none"),
        ]
    }
}

extension StackOptions {
    /// Returns these options, with the stack's values for those that aren't given.
    package func keeping(_ kept: DeployedOptions) -> Self {
        var options = self
        if models.isEmpty { options.models = kept.models ?? [] }
        // A stack without a limit was made before the stack's own region was the limit, or with --regions '*'.
        if regions.isEmpty { options.regions = kept.regions ?? [Self.anyMark] }
        if access.allowGlobal == nil, options.regions != [Self.anyMark] {
            options.access.allowGlobal = kept.allowGlobal
        }
        options.access.allowStreams = access.allowStreams ?? kept.allowStreams
        options.access.allowTiers = access.allowTiers ?? kept.allowTiers
        options.access.mantle = access.mantle ?? kept.mantle
        options.externalID = externalID ?? kept.externalID
        options.maxSession = maxSession ?? kept.maxSession
        if ip.isEmpty { options.ip = kept.addresses.map { [$0] } ?? [] }
        options.permissionsBoundary = permissionsBoundary ?? kept.permissionsBoundary
        if tag.isEmpty { options.tag = kept.tags ?? [] }
        options.availabilityZone = availabilityZone ?? kept.availabilityZone
        if volumeSize == nil, options.availabilityZone?.isEmpty == false { options.volumeSize = kept.volumeSize }
        options.server = server.keeping(kept)
        return options
    }

    /// Checks the given options before any call to AWS; the rest may be the stack's.
    package func check(region: String) throws {
        var whole = self
        if volumeSize != nil, availabilityZone == nil { whole.availabilityZone = region + "a" }
        if !server.isGiven { whole.server.serviceAccount = nil }
        _ = try StackTemplate(whole.configuration(region: region))
    }
}

/// The models that a stack's template lets researchers invoke.
package enum AllowedModels {
    private static let mark = ":foundation-model/"

    /// - Throws: ``UserFacingError`` when the template names none.
    package static func read(_ template: String) throws(UserFacingError) -> ModelList {
        let value = try? JSONDecoder().decode(TemplateValue.self, from: Data(template.utf8))
        var patterns: [String] = []
        for text in value.map({ texts($0) }) ?? [] {
            guard let found = text.firstRange(of: mark) else { continue }
            let pattern = String(text[found.upperBound...])
            if !patterns.contains(pattern) { patterns.append(pattern) }
        }
        guard !patterns.isEmpty else {
            throw UserFacingError(
                "the stack's template names no models",
                hint: "admin aws plan shows what apply would change"
            )
        }
        return try ModelsParser(patterns.sorted()).read { _ in }
    }

    /// Returns every string in a value, except in statements that deny.
    private static func texts(_ value: TemplateValue) -> [String] {
        switch value {
        case .text(let text): [text]
        case .list(let values): values.flatMap { texts($0) }
        case .object(let values): values["Effect"] == "Deny" ? [] : values.values.flatMap { texts($0) }
        case .number, .flag: []
        }
    }
}
