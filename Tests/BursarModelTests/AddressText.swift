@testable import BursarModel

/// Random addresses and blocks, in all the ways that people and programs write them.
enum AddressText {
    static func address(using random: inout some RandomNumberGenerator) -> String {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: return v4(using: &random)
        case 1: return "::ffff:" + v4(using: &random)
        case 2: return groups(using: &random).joined(separator: ":")
        default: return compressed(using: &random)
        }
    }

    static func block(using random: inout some RandomNumberGenerator) -> String {
        let address = address(using: &random)
        guard Int.random(in: 0..<8, using: &random) > 0 else { return address }
        let width = address.contains(":") ? 128 : 32
        return "\(address)/\(Int.random(in: 0...(width + 1), using: &random))"
    }

    /// `text` with a character changed, removed or added.
    static func damaged(_ text: String, using random: inout some RandomNumberGenerator) -> String {
        var characters = Array(text)
        let place = Int.random(in: 0..<characters.count, using: &random)
        let odd = Array("0123456789abcdefgG:./ +-%\0é٣").randomElement(using: &random) ?? "0"
        switch Int.random(in: 0..<3, using: &random) {
        case 0: characters[place] = odd
        case 1: characters.remove(at: place)
        default: characters.insert(odd, at: place)
        }
        return String(characters)
    }

    /// An address in `block`, or one that differs in one bit of those that its addresses share.
    static func neighbour(of block: CIDRBlock, using random: inout some RandomNumberGenerator) -> IPAddress {
        let width = block.network.family == .v4 ? 32 : 128
        let free = width - block.prefix
        let low = UInt128(random.next()) << 64 | UInt128(random.next())
        var bits = block.network.bits | (free == 128 ? low : low & ((1 << free) - 1))
        if block.prefix > 0, Bool.random(using: &random) {
            bits ^= 1 << (free + Int.random(in: 0..<block.prefix, using: &random))
        }
        return IPAddress(family: block.network.family, bits: bits)
    }

    /// An address in or beside one of the blocks that IANA lists.
    static func near(special random: inout some RandomNumberGenerator) -> IPAddress {
        let blocks = [
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
            "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "0.0.0.0/0",
            "2001:db8::/32", "2000::/3",
        ].compactMap { CIDRBlock($0) }
        guard let block = blocks.randomElement(using: &random) else { preconditionFailure("there are blocks") }
        return neighbour(of: block, using: &random)
    }

    private static func v4(using random: inout some RandomNumberGenerator) -> String {
        (0..<4).map { _ in String(UInt8.random(in: .min ... .max, using: &random)) }.joined(separator: ".")
    }

    private static func groups(using random: inout some RandomNumberGenerator) -> [String] {
        (0..<8).map { _ in
            let text = String(UInt16.random(in: .min ... .max, using: &random), radix: 16)
            return Bool.random(using: &random) ? text.uppercased() : text
        }
    }

    private static func compressed(using random: inout some RandomNumberGenerator) -> String {
        let groups = groups(using: &random)
        let before = Int.random(in: 0...7, using: &random)
        let after = Int.random(in: 0...(7 - before), using: &random)
        return groups.prefix(before).joined(separator: ":") + "::" + groups.suffix(after).joined(separator: ":")
    }
}
