import CCurl

/// libcurl itself: opened once per process, at the first transfer.
///
/// A run that needs no network never opens it, which is most of what `creds process` costs otherwise.
enum CurlLibrary {
    /// Returns when libcurl is there and new enough.
    static func load() throws(TransportError) {
        switch ccurl_load() {
        case CCURL_LOADED: return
        case CCURL_MISSING: throw .libraryMissing(detail: "libcurl is not installed; \(remedy)")
        case CCURL_TOO_OLD: throw .libraryMissing(detail: "libcurl is older than 7.61; \(remedy)")
        default: throw .libraryMissing(detail: "libcurl does not start; \(remedy)")
        }
    }

    private static let remedy =
        "install the package libcurl4 (Debian, Ubuntu, SUSE), libcurl (Fedora, RHEL, Alpine) or curl (Arch, Homebrew)"
}
