import BursarConsole
import BursarModel

/// The archive of a release, by its address and checksum.
struct ReleaseArchive: Equatable {
    let url: String
    /// SHA-256, 64 digits of lower-case hex.
    let checksum: String

    /// Reads `https://…/bursar-VERSION-linux-ARCH.tar.gz` and a checksum.
    ///
    /// - Throws: ``UserFacingError`` for anything else: whoever can change the archive has the server.
    init(url: String, checksum: String) throws(UserFacingError) {
        let form = UserFacingError(
            "--archive \"\(url)\" is not the address of a release's archive",
            hint: "it looks like https://example.edu/bursar-1.0.0-linux-x86_64.tar.gz"
        )
        guard !url.contains("?"), !url.contains("#"), !url.contains("@") else {
            throw UserFacingError.misuse(
                "--archive has a user, a query or a fragment in it",
                hint: "user-data is no place for a signed address: whoever is on the machine reads it"
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
