import Transport

/// Why a host can't be talked to, told apart, with the command that mends it or shows more.
struct NetworkFault {
    let message: String
    let fix: String

    /// `url` is what was asked, or begins as it does.
    init(_ fault: TransportFault, url: String, environment: [String: String]) {
        let authority = Self.authority(of: url)
        let host = Self.host(of: url)
        let used = ProxySettings(environment).flatMap { $0.isUsed(for: host) ? $0 : nil }
        let proxy = url.hasPrefix("https://") ? used : nil
        let through = proxy.map { ", asked through the proxy \($0.shown)" } ?? ""
        let look = "curl -v \(url)"
        switch fault {
        // libcurl's wording differs between versions in all but these words.
        case .unreachable(let detail) where detail.lowercased().contains("proxy"):
            message = "the name of the proxy is not known (DNS)" + (proxy.map { ": \($0.shown)" } ?? "")
            fix = proxy.map { "unset \($0.variable)" } ?? look
        case .unreachable(let detail) where detail.lowercased().contains("resolve"):
            message = "the name \(host) is not known here (DNS): check the address and the network"
            fix = Self.lookup(host)
        case .unreachable:
            message = "nothing answers at \(authority)\(through)"
            fix = look
        case .untrusted:
            message =
                "\(authority) does not prove who it is (TLS): "
                + "an inspecting proxy's certificates have to be named, or the clock is wrong"
            fix = "export AWS_CA_BUNDLE=/path/to/certificates.pem"
        case .timedOut:
            message = "\(authority) took too long to answer\(through)"
            fix = look
        case .broken, .tooLarge, .invalidRequest, .busy:
            message = "\(authority) broke off, or does not speak HTTP\(through)"
            fix = look
        case .libraryMissing(let detail):
            message = "libcurl can't be used: \(detail)"
            fix = "sudo apt-get install libcurl4"
        }
    }

    /// Without the port; an IPv6 address without its brackets.
    static func host(of url: String) -> String {
        let authority = authority(of: url)
        guard authority.hasPrefix("[") else { return String(authority.prefix { $0 != ":" }).lowercased() }
        return String(authority.dropFirst().prefix { $0 != "]" })
    }

    private static func authority(of url: String) -> Substring {
        url.firstRange(of: "://").map { url[$0.upperBound...].prefix { $0 != "/" } } ?? url[...]
    }

    private static func lookup(_ host: String) -> String {
        #if canImport(Darwin)
        "dscacheutil -q host -a name \(host)"
        #else
        "getent hosts \(host)"
        #endif
    }
}
