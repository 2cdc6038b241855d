#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// An IPv4 or IPv6 address; an IPv4 one that came mapped into IPv6 (`::ffff:192.0.2.1`) is the IPv4 one.
package struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    package enum Family: Sendable {
        case v4
        case v6

        /// Bits of an address.
        var width: Int { self == .v4 ? 32 : 128 }
    }

    package let family: Family
    // Two halves, since a stored UInt128 in what a task captures crashes (Swift 6.3.1 on Linux, seen 2026-11).
    private let high: UInt64
    private let low: UInt64

    /// The address as a number; the low 32 bits for IPv4.
    var bits: UInt128 { UInt128(high) << 64 | UInt128(low) }

    init(family: Family, bits: UInt128) {
        self.family = family
        high = UInt64(truncatingIfNeeded: bits >> 64)
        low = UInt64(truncatingIfNeeded: bits)
    }

    /// Four decimal numbers, or the forms of RFC 4291 without a zone; nil for anything else, names above all.
    package init?(_ text: some StringProtocol) {
        // A zero would end the text for C before it ends here.
        guard (2...45).contains(text.utf8.count), !text.utf8.contains(0) else { return nil }
        var bytes: UInt128 = 0
        let text = String(text)
        if inet_pton(AF_INET, text, &bytes) == 1 {
            self.init(family: .v4, bits: UInt128(bigEndian: bytes) >> 96)
        } else if inet_pton(AF_INET6, text, &bytes) == 1 {
            self.init(v6: UInt128(bigEndian: bytes))
        } else {
            return nil
        }
    }

    private init(v6 bits: UInt128) {
        let isMapped = bits >> 32 == 0xFFFF
        self.init(family: isMapped ? .v4 : .v6, bits: isMapped ? bits & 0xFFFF_FFFF : bits)
    }

    /// The shortest form: of IPv6 that of RFC 5952.
    package var description: String {
        guard family == .v6 else {
            return [24, 16, 8, 0].map { String((bits >> $0) & 0xFF) }.joined(separator: ".")
        }
        var bytes = bits.bigEndian
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
            guard let start = buffer.baseAddress,
                inet_ntop(AF_INET6, &bytes, start, socklen_t(buffer.count)) != nil
            else { return "::" }
            return String(cString: start)
        }
    }
}

extension IPAddress {
    /// True if the address can be a caller's on the internet, so that `aws:SourceIp` can match it
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

    /// Of IPv6 everything outside 2000::/3 too, since none of it has been allocated.
    fileprivate static let specialBlocks = [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
        "::/3", "2001::/23", "2001:db8::/32", "3fff::/20", "4000::/2", "8000::/1",
    ].compactMap { CIDRBlock($0) }
}

extension CIDRBlock {
    /// True if every address in it is public.
    package var isPublic: Bool {
        !IPAddress.specialBlocks.contains { $0.contains(network) || contains($0.network) }
    }
}

/// This machine's own addresses, the only ones that plain HTTP may go to.
package enum Loopback {
    /// `localhost`, `127.0.0.0/8` in four decimal numbers, and `::1` with or without brackets.
    package static func contains(host: some StringProtocol) -> Bool {
        if host == "localhost" || host == "::1" || host == "[::1]" { return true }
        let octets = host.split(separator: ".", omittingEmptySubsequences: false)
        return octets.count == 4 && octets[0] == "127" && octets.allSatisfy { UInt8($0) != nil }
    }
}
