/// The message for a host that can't be reached, shared by all programs, with the command that mends it or shows
/// more.
package struct NetworkError: Sendable, Equatable {
    /// Lower case, without a full stop, without a secret.
    package let message: String
    package let fix: String

    /// `url` is what was asked, or begins as it does.
    package init(_ fault: TransportError, url: String) {
        let host = HTTPClientRequest.host(of: url)
        self.init(
            fault,
            to: HTTPClientRequest.authority(of: url),
            name: "the name \(host)",
            away: "nothing answers at \(HTTPClientRequest.authority(of: url))",
            check: "curl -v \(url)",
            lookup: Self.lookup(host)
        )
    }

    /// For a service whose address the reader didn't choose, such as `AWS`.
    package init(_ fault: TransportError, service: String) {
        let check = "check the network, and HTTPS_PROXY if you need one"
        self.init(
            fault,
            to: service,
            name: "the name of \(service)'s endpoint",
            away: "\(service) can't be reached",
            check: check,
            lookup: check
        )
    }

    private init(
        _ fault: TransportError,
        to peer: String,
        name: String,
        away: String,
        check: String,
        lookup: String
    ) {
        switch fault {
        case .unresolved(_, .server):
            message = "\(name) is not known here (DNS): check the address and the network"
            fix = lookup
        case .unresolved(_, .proxy(let proxy)):
            message = "the name of the proxy is not known (DNS): \(proxy.address)"
            fix = "unset \(proxy.variable)"
        case .unreachable(_, .server):
            message = away
            fix = check
        case .unreachable(_, .proxy(let proxy)):
            message = "nothing answers at the proxy \(proxy.address), which \(proxy.variable) names"
            fix = check
        case .untrusted(_, .server):
            message =
                "\(peer) does not prove who it is (TLS): "
                + "an inspecting proxy's certificates have to be named, or the clock is wrong"
            fix = Self.naming
        case .untrusted(_, .proxy(let proxy)):
            message =
                "the proxy \(proxy.address) does not prove who it is (TLS): its certificates have to be named, "
                + "or \(proxy.variable) has to begin with http://"
            fix = Self.naming
        case .connectTimedOut(.lookup, .server):
            message = "looking up \(name) took too long (DNS)"
            fix = lookup
        case .connectTimedOut(.lookup, .proxy(let proxy)):
            message = "looking up the name of the proxy took too long (DNS): \(proxy.address)"
            fix = check
        case .connectTimedOut(.connection, .server):
            message = "\(peer) took too long to connect to: a firewall may be in the way, or it does not speak TLS"
            fix = check
        case .connectTimedOut(.connection, .proxy(let proxy)):
            message = "the proxy \(proxy.address) took too long to connect to \(peer)"
            fix = check
        case .timedOut:
            message = "\(peer) took too long to answer"
            fix = check
        case .proxyRefused(let status, let proxy):
            (message, fix) = Self.refused(status, proxy, peer, check)
        case .proxyFailed(_, let proxy):
            message =
                "the proxy \(proxy.address) refused to connect to \(peer), or is not of the kind that "
                + "\(proxy.variable) says"
            fix = check
        case .proxyMalformed(let variable, let isQuoted):
            message =
                isQuoted
                ? "\(variable) has quotes in its value, so it is no proxy's address"
                : "\(variable) is no proxy's address: @ and / in a password are written as %40 and %2F"
            fix = "export \(variable)=http://PROXY:PORT"
        case .tooLarge:
            message = "\(peer) sent more than such an answer holds"
            fix = check
        case .broken(_, .server):
            message = "\(peer) broke off the connection before its answer was whole"
            fix = check
        case .broken(_, .proxy(let proxy)):
            message = "the proxy \(proxy.address) broke off the connection"
            fix = check
        case .notHTTP:
            message = "what answers at \(peer) does not speak HTTP"
            fix = check
        case .invalidRequest:
            message = "the request to \(peer) can't be sent: something in it is malformed"
            fix = check
        case .busy:
            message = "too many requests to \(peer) wait already"
            fix = "try again shortly"
        case .libraryMissing(let detail):
            message = "a library can't be used: \(detail)"
            fix = "sudo apt-get install libcurl4 libexpat1, or: sudo dnf install libcurl expat"
        }
    }

    private static let naming = "export AWS_CA_BUNDLE=/path/to/certificates.pem"

    private static func refused(
        _ status: Int,
        _ proxy: TransportError.Proxy,
        _ peer: String,
        _ check: String
    ) -> (message: String, fix: String) {
        let says = "the proxy \(proxy.address) refused (\(status))"
        switch status {
        case 407:
            let host = proxy.address.firstIndex { $0 == "@" }.map { proxy.address[$0...].dropFirst() }
            let bare = host ?? proxy.address.firstRange(of: "://").map { proxy.address[$0.upperBound...] }
            return (
                "\(says): its user or password is missing or wrong",
                "export \(proxy.variable)=http://USER:PASSWORD@\(bare ?? proxy.address[...])"
            )
        case 401, 403:
            return ("\(says): its rules don't allow \(peer); ask its operator", check)
        case 502, 503, 504:
            return ("the proxy \(proxy.address) can't reach \(peer) (\(status))", check)
        case 300..<400:
            return ("\(says): it sends callers elsewhere, as a network's log-in page does", check)
        default:
            return (says, check)
        }
    }

    private static func lookup(_ host: String) -> String {
        #if canImport(Darwin)
        "dscacheutil -q host -a name \(host)"
        #else
        "getent hosts \(host)"
        #endif
    }
}

extension HTTPClientRequest {
    /// Host and port of a URL.
    static func authority(of url: String) -> String {
        let start = url.firstRange(of: "://")?.upperBound ?? url.startIndex
        return String(url[start...].prefix { !"/?#".contains($0) })
    }

    /// The host of a URL without its port, in lower case; an IPv6 address without its brackets.
    package static func host(of url: String) -> String {
        let authority = authority(of: url)
        guard authority.hasPrefix("[") else { return String(authority.prefix { $0 != ":" }).lowercased() }
        return String(authority.dropFirst().prefix { $0 != "]" }).lowercased()
    }
}
