/// What the environment says of how to reach others: whose certificates to trust, and which proxies to ask.
struct NetworkSettings: Sendable {
    /// A PEM file with the certificates that are trusted instead of the system's; nil leaves libcurl's own default.
    ///
    /// `AWS_CA_BUNDLE`, as every AWS client reads it, then OpenSSL's `SSL_CERT_FILE`; empty counts as unset.
    let bundle: String?
    /// The variables that name proxies and the exceptions from them, and no other.
    private let proxies: [String: String]

    init(environment: [String: String]) {
        bundle = ["AWS_CA_BUNDLE", "SSL_CERT_FILE"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        proxies = environment.filter { $0.key.lowercased().hasSuffix("_proxy") }
    }

    /// The proxy that `request` goes through.
    ///
    /// - Throws: ``TransportFault/proxyMalformed(variable:isQuoted:)`` when it can't be one's address: libcurl would take
    ///   some of them for a proxy's name, and ask a name server for what may hold a password.
    func proxy(for request: OutboundRequest) throws(TransportFault) -> ProxySettings? {
        guard !request.goesDirect, let proxy = ProxySettings(proxies, for: request.url) else { return nil }
        guard !proxy.isMalformed else {
            throw .proxyMalformed(variable: proxy.variable, isQuoted: proxy.isQuoted)
        }
        return proxy
    }
}
