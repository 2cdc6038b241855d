import AWSAuth
import AWSClients
import BursarConsole
import BursarHTTP
import BursarModel

/// The validated configuration of an instance.
struct InstanceConfiguration: Equatable {
    /// The stack's outputs; those with a setting become the server's settings.
    let outputs: StackOutputs
    let archive: ReleaseArchive
    let publicURL: ServerURL
    let volumeID: String
    /// The load balancer's addresses; nil when TLS ends on the instance itself.
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

    /// Checks the outputs, which come from a file and become settings of the server.
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

/// The URL and checksum of a release's archive.
struct ReleaseArchive: Equatable {
    let url: String
    /// SHA-256, 64 digits of lower-case hex.
    let checksum: String

    /// Parses `https://…/bursar-VERSION-linux-ARCH.tar.gz` and a checksum.
    ///
    /// - Throws: ``UserFacingError`` for anything else, since control of the archive means control of the server.
    init(url: String, checksum: String) throws(UserFacingError) {
        let form = UserFacingError(
            "--archive \"\(url)\" is not the address of a release's archive",
            hint: "it looks like https://example.edu/bursar-1.0.0-linux-x86_64.tar.gz"
        )
        guard !url.contains("?"), !url.contains("#"), !url.contains("@") else {
            throw UserFacingError.misuse(
                "--archive has a user, a query or a fragment in it",
                hint: "user-data is no place for a signed address: every user of the machine can read it"
            )
        }
        guard url.hasPrefix("https://"), url.utf8.count <= 2048,
            url.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "._~/:%+-".utf8.contains($0) })
        else { throw form }
        let parts = url.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count >= 4, !parts[2].isEmpty, let name = parts.last, name.hasPrefix("bursar-"),
            ["-linux-x86_64.tar.gz", "-linux-aarch64.tar.gz"].contains(where: { name.hasSuffix($0) })
        else { throw form }
        let digits = checksum.lowercased()
        guard digits.utf8.count == 64, digits.utf8.allSatisfy({ "0123456789abcdef".utf8.contains($0) }) else {
            throw UserFacingError.misuse("--sha256 is not a checksum", hint: "64 digits of hex, as SHA256SUMS has them")
        }
        self.url = url
        self.checksum = digits
    }
}
