import AWSAuth
import AWSClients
package import BursarConsole
import BursarModel
import ServerSettings

/// The options of a stack as they are typed, the same for `template`, `plan` and `apply`; what isn't given is nil or empty.
package struct StackOptions: Equatable, Sendable {
    /// Removes a limit on models or regions.
    package static let anyMark = "*"

    package var stackName = StackName.usual
    package var models: [String] = []
    package var regions: [String] = []
    package var access = UnmeteredAccess()
    package var externalID: String?
    package var maxSession: String?
    package var ip: [String] = []
    package var permissionsBoundary: String?
    package var tag: [String] = []
    package var availabilityZone: String?
    package var volumeSize: Int?
    package var server = ServerTrustOptions()

    package init() {}

    /// Returns the configuration for a stack in `region`; `warn` receives warnings about values that are read otherwise
    /// than typed.
    ///
    /// - Throws: ``UserFacingError`` for the first option that AWS would refuse.
    package func configuration(region: String, warn: (UserFacingError) -> Void = { _ in }) throws(UserFacingError)
        -> StackConfiguration
    {
        try StackName.check(stackName)
        var configuration: StackConfiguration
        do {
            configuration = try StackConfiguration(stackName: stackName, region: region)
        } catch {
            throw UserFacingError(error)
        }
        if !models.isEmpty, models != [Self.anyMark] {
            configuration.models = try ModelsParser(models).read(warn: warn)
        }
        try limit(&configuration)
        configuration.allowsStreams = access.allowStreams == true
        configuration.allowsTiers = access.allowTiers == true
        configuration.allowsMantle = access.mantle == true
        configuration.externalID = try ExternalID.checked(Self.given(externalID))
        configuration.longestSession = try longestSession()
        if !ip.isEmpty { configuration.allowed = try PolicyOptions.addresses(ip) }
        configuration.permissionsBoundary = try PermissionsBoundary.checked(
            Self.given(permissionsBoundary),
            configuration.partition
        )
        if tag != [""] { configuration.tags = try StackTags.read(tag) }
        configuration.volume = try volume(region)
        configuration.serverTrust = try server.trust(configuration.partition)
        return configuration
    }

    /// An empty string means none.
    private static func given(_ text: String?) -> String? { text?.isEmpty == true ? nil : text }

    private func limit(_ configuration: inout StackConfiguration) throws(UserFacingError) {
        let allowsGlobal = access.allowGlobal == true
        guard regions != [Self.anyMark] else {
            guard !allowsGlobal else {
                throw UserFacingError.misuse(
                    "--allow-global says nothing with --regions '*'",
                    hint: "anywhere includes global. profiles"
                )
            }
            configuration.regions = nil
            return
        }
        let typed = regions.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
        let names = typed.isEmpty ? [configuration.region] : typed
        for name in names {
            let own = try Partition.reading(region: name, .option("--regions"))
            guard own == configuration.partition else {
                throw UserFacingError.misuse(
                    "--regions \(name) is of \(own.rawValue), the stack of \(configuration.partition.rawValue)",
                    hint: "a role holds in one partition: make a stack in each"
                )
            }
        }
        guard Set(names).count == names.count else {
            throw UserFacingError.misuse("--regions names a region twice", hint: "name each once, the usual one first")
        }
        configuration.regions = AccessPolicy.Regions(names, allowsGlobalProfiles: allowsGlobal)
        configuration.tokenRegions = names
    }

    private func longestSession() throws(UserFacingError) -> SessionDuration {
        let maxSession = maxSession ?? "1h"
        guard let duration = SessionDuration(maxSession), duration >= .oneHour else {
            throw UserFacingError.misuse(
                "--max-session \"\(maxSession)\" is not what a role takes",
                hint: "1h to 12h; a key's own sessions may be shorter: admin keys issue HANDLE --session 30m"
            )
        }
        return duration
    }

    private func volume(_ region: String) throws(UserFacingError) -> StackConfiguration.Volume? {
        guard let availabilityZone = Self.given(availabilityZone) else {
            guard volumeSize == nil else {
                throw UserFacingError.misuse(
                    "--volume-size is for a volume, which has to be in the instance's availability zone",
                    hint: "add --availability-zone \(region)a"
                )
            }
            return nil
        }
        let rest = availabilityZone.dropFirst(region.count)
        guard availabilityZone.hasPrefix(region), !rest.isEmpty, availabilityZone.utf8.count <= 64,
            rest.last?.isLetter == true, RegionName.isValid(availabilityZone)
        else {
            throw UserFacingError.misuse(
                "--availability-zone \"\(availabilityZone)\" is not a zone of \(region)",
                hint: "it looks like \(region)a"
            )
        }
        let size = volumeSize ?? 10
        guard (1...16_384).contains(size) else {
            throw UserFacingError.misuse("--volume-size \(size) is not what a volume takes", hint: "1 to 16384 GiB")
        }
        return StackConfiguration.Volume(availabilityZone: availabilityZone, size: size)
    }
}
