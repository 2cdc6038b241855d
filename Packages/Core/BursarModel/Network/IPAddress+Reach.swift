extension IPAddress {
    /// Whether the address can be a caller's on the internet, so that `aws:SourceIp` can match it
    /// (https://www.iana.org/assignments/iana-ipv4-special-registry and its IPv6 counterpart).
    package var isPublic: Bool {
        !Self.specialBlocks.contains { $0.contains(self) }
    }

    /// The addresses that count as one caller's: an IPv4 address, or an IPv6 /64, which any one machine can fill.
    package var clientNetwork: CIDRBlock {
        CIDRBlock(around: self, prefix: family == .v4 ? 32 : 64)
    }

    /// The block that reports count it under: /24, or /48.
    package var reportedNetwork: CIDRBlock {
        CIDRBlock(around: self, prefix: family == .v4 ? 24 : 48)
    }

    /// Of IPv6 everything outside 2000::/3 too, since nothing there has been given to anybody.
    fileprivate static let specialBlocks = [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
        "::/3", "2001::/23", "2001:db8::/32", "3fff::/20", "4000::/2", "8000::/1",
    ].compactMap { CIDRBlock($0) }
}

extension CIDRBlock {
    /// Whether every address in it is public.
    package var isPublic: Bool {
        !IPAddress.specialBlocks.contains { $0.contains(network) || contains($0.network) }
    }
}
