/// The addresses that share their first bits: `192.0.2.0/24`, `2001:db8::/32` (RFC 4632, RFC 4291).
package struct CIDRBlock: Hashable, Sendable, CustomStringConvertible {
    /// The first address, its host bits zero.
    package let network: IPAddress
    /// How many first bits are shared.
    package let prefix: Int

    /// The block of that size that `address` is in; `prefix` beyond the address's width is all of it.
    package init(around address: IPAddress, prefix: Int) {
        let width = address.family.width
        self.prefix = min(max(prefix, 0), width)
        network = IPAddress(
            family: address.family,
            bits: address.bits & Self.mask(self.prefix, width)
        )
    }

    /// Reads `ADDRESS/PREFIX`, or an address, which is a block of one; nil when malformed.
    ///
    /// Host bits are dropped (`10.0.0.1/8` is `10.0.0.0/8`). A block of mapped addresses (`::ffff:10.0.0.0/104`) is
    /// the IPv4 block.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let address = IPAddress(parts[0]) else { return nil }
        guard parts.count == 2 else {
            self.init(around: address, prefix: address.family.width)
            return
        }
        guard let typed = Self.number(parts[1]) else { return nil }
        let isMapped = address.family == .v4 && parts[0].contains(":")
        let prefix = isMapped ? typed - 96 : typed
        guard (0...address.family.width).contains(prefix) else { return nil }
        self.init(around: address, prefix: prefix)
    }

    package func contains(_ address: IPAddress) -> Bool {
        address.family == network.family && address.bits & Self.mask(prefix, network.family.width) == network.bits
    }

    package var description: String { "\(network)/\(prefix)" }

    /// Whether every address is in it.
    package var isEverywhere: Bool { prefix == 0 }

    private static func mask(_ prefix: Int, _ width: Int) -> UInt128 {
        let all: UInt128 = width == 128 ? .max : (1 << width) - 1
        return all & ~(prefix == width ? 0 : all >> prefix)
    }

    /// One to three digits, without a sign or a leading zero.
    private static func number(_ text: some StringProtocol) -> Int? {
        guard (1...3).contains(text.utf8.count), text == "0" || !text.hasPrefix("0"),
            text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return Int(text)
    }
}
