import CCurl

extension TransportError {
    /// What a libcurl result means to a caller; the detail is libcurl's fixed wording, which holds nothing of the request.
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
        // 51 is a certificate of another name where 60 is one that nobody vouches for, before 7.62.
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
