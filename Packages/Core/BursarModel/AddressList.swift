import BursarFoundation

/// The addresses that requests may come from: a list of blocks.
package struct AddressList: Hashable, Sendable, CustomStringConvertible {
    /// The error in a text that isn't a list of blocks; `entry` is the first invalid one.
    package enum ParseError: Error, Equatable {
        case empty
        case malformed(entry: String)
        case tooLong
    }

    package static let everywhere = Self(blocks: [CIDRBlock("0.0.0.0/0"), CIDRBlock("::/0")].compactMap(\.self))
    /// Entries at most: what one request may be compared with.
    package static let longest = 256

    package let blocks: [CIDRBlock]
    /// Entries whose host bits were dropped, as they were typed: worth a warning, since another block may have been
    /// meant.
    package let normalised: [String]

    package init(blocks: [CIDRBlock]) {
        self.blocks = blocks
        normalised = []
    }

    /// Reads a comma list (`156.68.128.0/22,10.0.0.0/8`) or a JSON list of strings.
    package init(parsing text: String) throws(ParseError) {
        try self.init(entries: Self.entries(text))
    }

    package init(entries: [String]) throws(ParseError) {
        guard !entries.isEmpty else { throw .empty }
        guard entries.count <= Self.longest else { throw .tooLong }
        var blocks: [CIDRBlock] = []
        var normalised: [String] = []
        for entry in entries.map(Self.withoutBrackets) {
            guard let block = CIDRBlock(entry) else { throw .malformed(entry: entry) }
            if let address = IPAddress(entry.prefix { $0 != "/" }), address != block.network {
                normalised.append(entry)
            }
            blocks.append(block)
        }
        self.blocks = blocks
        self.normalised = normalised
    }

    /// The error in an entry, as the end of a sentence: a number that is too large, or its form.
    package static func flaw(of entry: String) -> String {
        let parts = entry.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let isNumber = parts.count == 2 && !parts[1].isEmpty && parts[1].utf8.allSatisfy { (0x30...0x39).contains($0) }
        if isNumber, let address = IPAddress(parts[0]) {
            let isV6 = parts[0].contains(":")
            let kind =
                switch (isV6, address.family) {
                case (false, _): "IPv4 addresses has /0 to /32"
                case (true, .v6): "IPv6 addresses has /0 to /128"
                case (true, .v4): "IPv4 addresses mapped into IPv6 has /96 to /128"
                }
            return "ends in /\(parts[1].prefix(9)), and a block of \(kind)"
        }
        let numbers = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        if numbers.count == 4, numbers.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } })
        {
            if let large = numbers.first(where: { (Int($0) ?? .max) > 255 }) {
                return "has \(large.prefix(9)) in it, and numbers in an IPv4 address go up to 255"
            }
            if let zero = numbers.first(where: { $0.count > 1 && $0.hasPrefix("0") }) {
                return "has \(zero) in it, which some programs read as octal: write it without the 0 in front"
            }
        }
        return "is not an address block"
    }

    package func contains(_ address: IPAddress) -> Bool {
        blocks.contains { $0.contains(address) }
    }

    /// True if it includes every address of at least one family.
    package var includesEverybody: Bool { blocks.contains(where: \.isEverywhere) }

    /// The comma list, normalised: what is stored.
    package var description: String { blocks.map(\.description).joined(separator: ",") }

    /// An IPv6 address or block without the brackets that URLs have around it; everything else as it is.
    package static func withoutBrackets(_ text: String) -> String {
        guard text.hasPrefix("["), let end = text.firstIndex(of: "]") else { return text }
        let inner = text[text.index(after: text.startIndex)..<end]
        let rest = text[text.index(after: end)...]
        let bare = String(inner + rest)
        // `[::1]/128` and `[::1/128]`, but not `[::1/1]28`.
        guard inner.contains(":"), rest.isEmpty || rest.hasPrefix("/"), CIDRBlock(bare) != nil else { return text }
        return bare
    }

    /// Returns true if a list begins like JSON; `[2001:db8::1]` doesn't.
    package static func isJSON(_ text: some StringProtocol) -> Bool {
        guard text.hasPrefix("[") else { return false }
        let next = text.dropFirst().first { !$0.isWhitespace }
        return next == "\"" || next == "]"
    }

    private static func entries(_ text: String) throws(ParseError) -> [String] {
        let text = text.trimmingASCIIWhitespace()
        guard isJSON(text) else {
            guard !text.isEmpty else { return [] }
            return text.split(separator: ",", omittingEmptySubsequences: false)
                .map { String($0.trimmingASCIIWhitespace()) }
        }
        guard let entries = try? JSONDecoder().decode([String].self, from: Data(text.utf8)) else {
            throw .malformed(entry: String(text.prefix(60)))
        }
        return entries
    }
}

/// The addresses that share their first bits: `192.0.2.0/24`, `2001:db8::/32` (RFC 4632, RFC 4291).
package struct CIDRBlock: Hashable, Sendable, CustomStringConvertible {
    /// The first address, its host bits zero.
    package let network: IPAddress
    /// The number of leading bits that are shared.
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

    /// True if it contains every address.
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
