import BursarFoundation

/// Where requests may come from: blocks, any of which will do.
package struct AddressList: Hashable, Sendable, CustomStringConvertible {
    /// What an operator typed is not a list of blocks; `entry` is the first that isn't one.
    package enum ParseError: Error, Equatable {
        case empty
        case malformed(entry: String)
        case tooLong
    }

    package static let everywhere = Self(blocks: [CIDRBlock("0.0.0.0/0"), CIDRBlock("::/0")].compactMap(\.self))
    /// Entries at most: what one request may be compared with.
    package static let longest = 256

    package let blocks: [CIDRBlock]
    /// Entries whose host bits were dropped, as they were typed: worth a warning, since somebody meant something else.
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

    /// What is wrong with an entry, as the end of a sentence about it: a number that is too large, or its form.
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

    /// Whether it excludes nobody of one family at least.
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

    /// Whether a list begins as JSON does; `[2001:db8::1]` doesn't.
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
