package import BursarModel

/// Where a request comes from: the peer, or what a trusted proxy says in one header.
///
/// Proxies pass on what they don't set themselves, so every other header is as good as the caller's own word, and of
/// the configured one only the part that trusted proxies appended counts.
package struct ClientAddressRule: Sendable {
    /// Proxies whose word is taken; nil trusts nobody.
    package let trusted: AddressList?
    /// The name of the header, lower case.
    package let header: String

    package init(trusted: AddressList? = nil, header: String = "x-forwarded-for") {
        self.trusted = trusted
        self.header = header
    }

    package enum Outcome: Sendable, Equatable {
        case address(IPAddress)
        /// The peer's own; it sent the header too, which nobody asked it for.
        case untrustedHeader(IPAddress)
        /// There is none to be had: the request is refused.
        case none(reason: String)
    }

    /// `lines` are the values of the header, in the order they came.
    package func resolve(peer: IPAddress?, lines: [String]) -> Outcome {
        guard let peer else { return .none(reason: "the peer has no address") }
        guard let trusted, trusted.contains(peer) else {
            return lines.isEmpty ? .address(peer) : .untrustedHeader(peer)
        }
        let hops = lines.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }
        for hop in hops.reversed() {
            guard let address = Self.address(hop.trimmingASCIIWhitespace()) else {
                return .none(reason: "the proxy's \(header) holds something that is no address")
            }
            if !trusted.contains(address) { return .address(address) }
        }
        return .none(reason: "the proxy's \(header) names nobody but proxies")
    }

    /// An address, as proxies write it: with a port, and IPv6 in brackets or without.
    private static func address(_ hop: Substring) -> IPAddress? {
        if hop.hasPrefix("[") {
            guard let end = hop.firstIndex(of: "]"), isPort(hop[hop.index(after: end)...]) else { return nil }
            return IPAddress(hop[hop.index(after: hop.startIndex)..<end])
        }
        if let address = IPAddress(hop) { return address }
        guard let colon = hop.firstIndex(of: ":"), isPort(hop[colon...]) else { return nil }
        return IPAddress(hop[..<colon])
    }

    /// Nothing, or a colon and a number without a sign.
    private static func isPort(_ text: Substring) -> Bool {
        guard let first = text.first else { return true }
        let number = text.dropFirst()
        return first == ":" && number.utf8.allSatisfy { $0.isASCIILetterOrDigit } && UInt16(number) != nil
    }
}
