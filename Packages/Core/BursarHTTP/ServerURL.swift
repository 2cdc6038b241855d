import BursarModel

/// The URL of a Bursar server: an origin with an optional path before its routes, such as `/prod`.
///
/// Read once, at the edge: what has this type is safe to send a key to, as far as its form can tell.
package struct ServerURL: Hashable, Sendable, CustomStringConvertible {
    /// `https://host[:port][/prefix]`, without a slash at the end.
    package let description: String
    /// Plain HTTP, which never leaves this machine.
    package let isLoopbackHTTP: Bool

    /// The error in a text that isn't a server's address; no case carries the text.
    package enum ParseError: Error, Equatable {
        /// Not `scheme://host…`, or with characters that such a URL doesn't hold.
        case notAURL
        /// Quotation marks or angle brackets are around it.
        case quoted
        /// `htp://`, `ftp://`: no scheme that a server has.
        case unknownScheme
        /// The key would travel in the clear: plain HTTP is for `localhost`, `127.0.0.0/8` and `[::1]`.
        case notHTTPS
        /// `user@` or `user:password@`.
        case userInfo
        /// Something after `?` or `#`.
        case queryOrFragment
    }

    /// Reads an address as people have it: white space around it, a slash or `/credentials` at its end are dropped.
    package init(parsing text: String) throws(ParseError) {
        let text = text.trimmingASCIIWhitespace()
        if let first = text.first, let last = text.last, Self.marks.contains(first), Self.marks.contains(last) {
            throw .quoted
        }
        guard text.utf8.count <= 2048, let separator = text.firstRange(of: "://") else { throw .notAURL }
        guard !text.contains("?"), !text.contains("#") else { throw .queryOrFragment }
        let rest = text[separator.upperBound...]
        let pathStart = rest.firstIndex(of: "/") ?? rest.endIndex
        guard !rest[..<pathStart].contains("@") else { throw .userInfo }
        guard let authority = Authority(rest[..<pathStart]), let path = Self.prefix(rest[pathStart...]) else {
            throw .notAURL
        }
        switch text[..<separator.lowerBound].lowercased() {
        case "https":
            isLoopbackHTTP = false
            description = "https://" + authority.description(defaultPort: 443) + path
        case "http":
            guard authority.isLoopback else { throw .notHTTPS }
            isLoopbackHTTP = true
            description = "http://" + authority.description(defaultPort: 80) + path
        case let scheme where scheme.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) } && !scheme.isEmpty:
            throw .unknownScheme
        default:
            throw .notAURL
        }
    }

    private static let marks: Set<Character> = [
        "\"", "'", "`", "<", ">", "\u{201C}", "\u{201D}", "\u{201E}", "\u{2018}", "\u{2019}",
    ]

    /// The path before the routes; nil when it has empty or dot segments, or needs escapes.
    private static func prefix(_ path: Substring) -> String? {
        guard !path.isEmpty, path != "/" else { return "" }
        var segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        if segments.last == "" { segments.removeLast() }
        if segments.last == "credentials" { segments.removeLast() }
        let areSafe = segments.allSatisfy { segment in
            !segment.isEmpty && segment != "." && segment != ".."
                && segment.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-._~".contains($0)) }
        }
        return areSafe ? segments.map { "/" + $0 }.joined() : nil
    }
}

/// The host and port of a URL, in lower case.
private struct Authority {
    let host: String
    let port: Int?

    init?(_ text: Substring) {
        let text = text.lowercased()
        let hostEnd: String.Index
        if text.hasPrefix("[") {
            guard let bracket = text.firstIndex(of: "]") else { return nil }
            hostEnd = text.index(after: bracket)
            let address = text[..<bracket].dropFirst()
            guard address.contains(":"), address.utf8.allSatisfy("0123456789abcdef:.".utf8.contains) else { return nil }
        } else {
            hostEnd = text.firstIndex(of: ":") ?? text.endIndex
            guard hostEnd != text.startIndex,
                text[..<hostEnd].allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "-._".contains($0)) })
            else { return nil }
        }
        host = String(text[..<hostEnd])
        guard hostEnd != text.endIndex else {
            port = nil
            return
        }
        let digits = text[hostEnd...].dropFirst()
        guard text[hostEnd] == ":", (1...5).contains(digits.count), digits.allSatisfy({ $0.isASCII && $0.isNumber }),
            let number = Int(digits), (1...65_535).contains(number)
        else { return nil }
        port = number
    }

    var isLoopback: Bool {
        if host == "localhost" || host == "[::1]" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    func description(defaultPort: Int) -> String {
        guard let port, port != defaultPort else { return host }
        return "\(host):\(port)"
    }
}
