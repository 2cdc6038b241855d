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
