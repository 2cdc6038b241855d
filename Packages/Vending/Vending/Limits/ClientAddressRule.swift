package import BursarModel

/// The rule that determines a client's address: the peer's, or the one that a trusted proxy sets in one header.
///
/// Proxies pass on headers that they don't set themselves, so any other header may be forged by the client, and of the
/// configured one only the part that trusted proxies appended counts.
package struct ClientAddressRule: Sendable {
    /// Proxies whose header is trusted; nil trusts none.
    package let trusted: AddressList?
    /// The name of the header, lower case.
    package let header: String

    package init(trusted: AddressList? = nil, header: String = "x-forwarded-for") {
        self.trusted = trusted
        self.header = header
    }

    package enum Outcome: Sendable, Equatable {
        case address(IPAddress)
        /// The peer's own address; it sent the header too, without being a trusted proxy.
        case untrustedHeader(IPAddress)
        /// No address can be determined: the request is refused.
        case none(reason: String)
    }

    /// Resolves the address; `lines` are the values of the header, in the order received.
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
        return .none(reason: "the proxy's \(header) names only proxies")
    }

    /// Parses an address as proxies write it: with or without a port, IPv6 with or without brackets.
    private static func address(_ hop: Substring) -> IPAddress? {
        if hop.hasPrefix("[") {
            guard let end = hop.firstIndex(of: "]"), isPort(hop[hop.index(after: end)...]) else { return nil }
            return IPAddress(hop[hop.index(after: hop.startIndex)..<end])
        }
        if let address = IPAddress(hop) { return address }
        guard let colon = hop.firstIndex(of: ":"), isPort(hop[colon...]) else { return nil }
        return IPAddress(hop[..<colon])
    }

    /// True for the empty text, and for a colon with a number without a sign.
    private static func isPort(_ text: Substring) -> Bool {
        guard let first = text.first else { return true }
        let number = text.dropFirst()
        return first == ":" && number.utf8.allSatisfy { $0.isASCIILetterOrDigit } && UInt16(number) != nil
    }
}
