import BursarModel

/// An absolute URL cut at its delimiters and otherwise unchanged: signatures cover bytes, not meanings.
struct URLParts: Equatable {
    /// `http` or `https`.
    let scheme: String
    /// Lower case, an IPv6 address in its brackets.
    let host: String
    /// nil when the URL names none.
    let port: Int?
    /// Empty, or from its first slash on.
    let path: String
    /// Without its question mark; nil when there is none.
    let query: String?

    /// nil when it isn't absolute http or https, or carries a user, a fragment or characters that can't be sent.
    init?(_ url: String) {
        guard url.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "#") }) else { return nil }
        let text = url.utf8
        guard let colon = text.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        scheme = url[..<colon].lowercased()
        guard scheme == "http" || scheme == "https", text[colon...].starts(with: "://".utf8) else { return nil }

        let rest = text[text.index(colon, offsetBy: 3)...]
        let end = rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? rest.endIndex
        guard let (host, port) = Self.hostAndPort(url[rest.startIndex..<end]) else { return nil }
        self.host = host
        self.port = port

        let target = text[end...]
        let mark = target.firstIndex(of: UInt8(ascii: "?"))
        path = String(url[end..<(mark ?? text.endIndex)])
        query = mark.map { String(url[text.index(after: $0)...]) }
    }

    /// The `Host` header: the port only where it isn't the scheme's own.
    var hostHeader: String {
        guard let port, port != (scheme == "https" ? 443 : 80) else { return host }
        return "\(host):\(port)"
    }

    /// True if the host is this machine, so that plain http stays off the network.
    var isLoopback: Bool {
        Loopback.contains(host: host)
    }

    private static func hostAndPort(_ authority: Substring) -> (String, Int?)? {
        let colon: Substring.Index?
        if authority.hasPrefix("[") {
            guard let bracket = authority.firstIndex(of: "]") else { return nil }
            let after = authority.index(after: bracket)
            guard after == authority.endIndex || authority[after] == ":" else { return nil }
            guard authority[..<bracket].dropFirst().allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." }) else {
                return nil
            }
            colon = after == authority.endIndex ? nil : after
        } else {
            colon = authority.firstIndex(of: ":")
        }
        let host = authority[..<(colon ?? authority.endIndex)]
        guard !host.isEmpty, host.utf8.allSatisfy({ $0 < 0x80 && $0 != UInt8(ascii: "@") && $0 != UInt8(ascii: "\\") })
        else { return nil }
        guard let colon else { return (host.lowercased(), nil) }
        let digits = authority[authority.index(after: colon)...]
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(digits) else { return nil }
        return (host.lowercased(), Int(port))
    }
}
