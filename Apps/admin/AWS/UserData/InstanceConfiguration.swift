import AWSAuth
import BursarConsole
import BursarHTTP
import BursarModel

/// What an instance is to be, every value checked.
struct InstanceConfiguration: Equatable {
    /// Of the stack; what it has as settings is what the server gets.
    let outputs: StackOutputs
    let archive: ReleaseArchive
    let publicURL: ServerURL
    let volumeID: String
    /// A balancer's addresses; nil when TLS ends on the instance itself.
    let trustedProxies: AddressList?

    init(
        _ outputs: StackOutputs,
        _ archive: ReleaseArchive,
        publicURL: ServerURL,
        volumeID: String?,
        trustedProxies: AddressList?
    ) throws(UserFacingError) {
        try Self.check(outputs)
        guard let volumeID = volumeID ?? outputs[.volumeID] else {
            throw UserFacingError(
                "there is no volume for the database",
                hint: "admin aws apply --availability-zone ZONE makes one, --volume-id ID names one that is there"
            )
        }
        let digits = volumeID.dropFirst(4)
        guard volumeID.hasPrefix("vol-"), [8, 17].contains(digits.utf8.count),
            digits.utf8.allSatisfy({ "0123456789abcdef".utf8.contains($0) })
        else {
            throw UserFacingError("\"\(volumeID)\" is not a volume", hint: "it looks like vol-0123456789abcdef0")
        }
        self.outputs = outputs
        self.archive = archive
        self.publicURL = publicURL
        self.volumeID = volumeID
        self.trustedProxies = trustedProxies
    }

    /// Outputs come out of a file, and become settings that the server obeys.
    private static func check(_ outputs: StackOutputs) throws(UserFacingError) {
        guard let role = outputs[.roleARN], let region = outputs[.region] else {
            throw UserFacingError(
                "the outputs name no role and no region",
                hint: "admin aws status --format json has them"
            )
        }
        _ = try RoleName(role, .elsewhere(StackOutput.roleARN.rawValue))
        for name in [region] + (outputs[.regions]?.split(separator: ",").map(String.init) ?? []) {
            _ = try Partition.reading(region: name, .elsewhere("the outputs"))
        }
        _ = try ExternalID.checked(outputs[.externalID])
        if let allow = outputs[.allow] {
            _ = try PolicyOptions.addresses([allow], .elsewhere(StackOutput.allow.rawValue))
        }
        for output in [StackOutput.sessionTags, .sourceIdentity] {
            guard ["yes", "no", nil].contains(outputs[output]) else {
                throw UserFacingError("the output \(output.rawValue) is neither yes nor no")
            }
        }
        guard let group = outputs[.logGroup] else { return }
        guard (1...512).contains(group.utf8.count),
            group.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "_./#-".utf8.contains($0) })
        else { throw UserFacingError("the output \(StackOutput.logGroup.rawValue) is not the name of a log group") }
    }
}
