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

extension TransportError {
    /// The error for a libcurl result; the detail is libcurl's fixed wording, which holds nothing of the request.
    ///
    /// - Parameters:
    ///   - code: libcurl's.
    ///   - proxy: the one that the transfer goes through.
    ///   - peer: the end of the connection that failed.
    init(_ code: CURLcode, proxy: Proxy? = nil, peer: Peer = .server) {
        let detail = ccurl_easy_text(code).map { String(cString: $0) } ?? "libcurl error \(code.rawValue)"
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST:
            self = .unresolved(detail: detail)
        case CURLE_COULDNT_RESOLVE_PROXY:
            self = .unresolved(detail: detail, peer: proxy.map(Peer.proxy) ?? peer)
        case CURLE_COULDNT_CONNECT:
            self = .unreachable(detail: detail, peer: peer)
        // Before 7.62, 51 is a certificate of another name, and 60 one without a trusted issuer.
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_OBSOLETE51, CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_CLIENTCERT, CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CRL_BADFILE,
            CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_ENGINE_INITFAILED, CURLE_USE_SSL_FAILED:
            self = .untrusted(detail: detail, peer: peer)
        case CURLE_PROXY:
            self = proxy.map { .proxyFailed(detail: detail, proxy: $0) } ?? .broken(detail: detail)
        case CURLE_OPERATION_TIMEDOUT:
            self = .timedOut
        case CURLE_FILESIZE_EXCEEDED:
            self = .tooLarge
        case CURLE_URL_MALFORMAT, CURLE_LOGIN_DENIED:
            self = .invalidRequest(detail: detail)
        // The scheme was checked before, so that of an unsupported protocol is what the peer speaks.
        case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL:
            self = .notHTTP(detail: detail)
        default:
            self = .broken(detail: detail, peer: peer)
        }
    }
}
