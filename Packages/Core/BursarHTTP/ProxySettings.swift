import BursarModel

/// The proxy that the environment names for a scheme, and the hosts that are asked without it, read as libcurl does
/// (https://everything.curl.dev/usingproxies/env.html).
///
/// ``HTTPTransport`` tells libcurl what is found here. So every version of it does the same (address ranges are known
/// to 7.86 and newer only), and what `creds doctor` says is what is done.
package struct ProxySettings: Sendable, Equatable {
    /// The variable that counts.
    package let variable: String
    /// The variable that names the exceptions; nil when none does.
    package let exceptionsVariable: String?
    let value: String
    private let exceptions: String

    /// nil when there is no proxy.
    package init?(_ environment: [String: String], scheme: String = "https") {
        func first(_ names: [String]) -> (name: String, value: String)? {
            names.lazy.compactMap { name in environment[name].map { (name, $0) } }.first { !$0.1.isEmpty }
        }
        guard let proxy = first(["\(scheme)_proxy", "\(scheme.uppercased())_PROXY", "all_proxy", "ALL_PROXY"])
        else { return nil }
        let except = first(["no_proxy", "NO_PROXY"])
        variable = proxy.name
        value = proxy.value
        exceptionsVariable = except?.name
        exceptions = except?.value ?? ""
    }

    /// The proxy for a request to `url`; nil if there is none.
    ///
    /// libcurl leaves out `HTTP_PROXY`, which a web server may have from a request's header; other clients don't.
    package init?(_ environment: [String: String], for url: String) {
        let environment = environment.filter { $0.key != "HTTP_PROXY" }
        guard let settings = Self(environment, scheme: url.prefix { $0 != ":" }.lowercased()),
            settings.isUsed(for: HTTPClientRequest.host(of: url))
        else { return nil }
        self = settings
    }

    // MARK: The proxy

    /// The proxy's address without the user and password that may stand in it.
    package var shown: String {
        let (scheme, address) = parts
        if let end = address.lastIndex(of: "@") { return "…" + Self.authority(address[end...]) }
        return "\(scheme)\(Self.authority(address))"
    }

    /// True if the value is no proxy's address.
    ///
    /// Files of settings that aren't read by a shell keep the quotes around a value, and the carriage return after it;
    /// and a password may hold characters that have to be percent-encoded.
    package var isMalformed: Bool {
        let (scheme, address) = parts
        let at = address.lastIndex(of: "@")
        let start = at.map { address.index(after: $0) } ?? address.startIndex
        if let at, !address[..<at].utf8.allSatisfy({ (0x21...0x7E).contains($0) && !"@/?#\"".utf8.contains($0) }) {
            return true
        }
        let authority = Self.authority(address[start...])
        let schemes = ["", "http://", "https://", "socks4://", "socks4a://", "socks5://", "socks5h://"]
        guard schemes.contains(scheme.lowercased()), !authority.isEmpty, authority.first != ":",
            authority.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "-._~%:[]".utf8.contains($0) })
        else { return true }
        guard let colon = authority.lastIndex(of: ":"), authority.last != "]" else { return false }
        let port = authority[authority.index(after: colon)...]
        return !port.allSatisfy(\.isNumber) || (Int(port) ?? 0) > 65_535
    }

    package var isQuoted: Bool { Self.isQuoted(value) }

    var name: TransportError.Proxy { TransportError.Proxy(address: shown, variable: variable) }

    private var parts: (scheme: Substring, rest: Substring) {
        guard let end = value.firstRange(of: "://")?.upperBound else { return ("", value[...]) }
        return (value[..<end], value[end...])
    }

    private static func authority(_ text: Substring) -> Substring { text.prefix { !"/?#".contains($0) } }

    // MARK: The exceptions

    /// True if the first and the last exception have no effect, since quotes are part of them.
    package var hasQuotedExceptions: Bool { Self.isQuoted(exceptions) }

    /// The exceptions as they were meant, fit for a shell; nil when they hold what none does.
    package var unquotedExceptions: String? {
        let meant = exceptions.filter { !"\"'".contains($0) }
        return meant.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "-._,:*/[]".utf8.contains($0) }) ? meant : nil
    }

    /// Returns true if requests to `host`, an IPv6 address without its brackets, go through the proxy.
    package func isUsed(for host: String) -> Bool {
        if exceptions == "*" { return false }
        let tokens = exceptions.split { $0 == "," || $0 == " " || $0 == "\t" }
        if let address = IPAddress(host) { return !tokens.contains { Self.holds($0, address) } }
        let host = Self.withoutTrailingDot(host.lowercased()[...])
        return !tokens.contains { token in
            let name = Self.withoutTrailingDot(token.lowercased()[...]).trimmingPrefix(".")
            return host == name || (!name.isEmpty && host.hasSuffix(".\(name)"))
        }
    }

    /// Returns true if an address is `token`, or in the range `token`.
    ///
    /// As in libcurl, a range of no bits is the one address.
    private static func holds(_ token: Substring, _ address: IPAddress) -> Bool {
        let slash = token.firstIndex(of: "/") ?? token.endIndex
        guard let block = CIDRBlock(token), block.prefix > 0 else { return IPAddress(token[..<slash]) == address }
        return block.contains(address)
    }

    private static func withoutTrailingDot(_ name: Substring) -> Substring {
        name.hasSuffix(".") ? name.dropLast() : name
    }

    private static func isQuoted(_ text: String) -> Bool {
        let text = text.trimmingASCIIWhitespace()
        return "\"'".contains { text.first == $0 || text.last == $0 }
    }
}

/// The environment's network settings: the certificates to trust and the proxies to use.
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
    /// - Throws: ``TransportError/proxyMalformed(variable:isQuoted:)`` when it can't be one's address: libcurl would
    ///   take some of them for a proxy's name, and ask a name server for what may hold a password.
    func proxy(for request: HTTPClientRequest) throws(TransportError) -> ProxySettings? {
        guard !request.goesDirect, let proxy = ProxySettings(proxies, for: request.url) else { return nil }
        guard !proxy.isMalformed else {
            throw .proxyMalformed(variable: proxy.variable, isQuoted: proxy.isQuoted)
        }
        return proxy
    }
}
