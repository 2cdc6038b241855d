import BursarModel
import Vending

/// The kinds of input that the server reads from people and from the network: the entry point of the fuzzers.
///
/// Each parser returns or throws for any bytes, and an accepted value means what was written.
enum VendingInput: String, CaseIterable {
    /// A presented key.
    case key = "key"
    /// Lists of address blocks.
    case addresses = "addresses"
    /// Lines of the header in which proxies say where a request comes from.
    case client = "client"
    /// Times, handles, model patterns, stored hashes.
    case words = "words"

    /// Parses `bytes`; true when the parser took them.
    func isTaken(_ bytes: [UInt8]) -> Bool {
        let text = String(decoding: bytes, as: UTF8.self)
        switch self {
        case .key: return Self.key(text)
        case .addresses: return Self.addresses(text)
        case .client: return Self.client(text)
        case .words: return Self.words(text)
        }
    }

    private static func key(_ text: String) -> Bool {
        guard let key = try? ResearcherKey(parsing: text) else { return false }
        let presented = text.trimmingASCIIWhitespace()
        precondition(key.text.reveal() == presented, "another key came out")
        precondition(key.text.reveal().contains("bursar_\(key.id)_"), "another id came out")
        precondition(!"\(key) \(key.text)".contains(presented.suffix(49)), "a key prints its secret")
        return true
    }

    private static func addresses(_ text: String) -> Bool {
        guard let list = try? AddressList(parsing: text) else { return false }
        precondition(!list.blocks.isEmpty && list.blocks.count <= AddressList.longest, "a list out of bounds")
        precondition(list.blocks.allSatisfy { $0.contains($0.network) }, "a block without its first address")
        let again = try? AddressList(parsing: list.description)
        precondition(again?.blocks == list.blocks, "what is stored means something else")
        return true
    }

    private static func client(_ text: String) -> Bool {
        let proxies = AddressList(blocks: ["10.0.0.0/8", "2001:db8:ffff::/48"].compactMap { CIDRBlock($0) })
        guard let proxy = IPAddress("10.1.2.3"), let client = IPAddress("192.0.2.7") else { return false }
        let rule = ClientAddressRule(trusted: proxies)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        precondition(rule.resolve(peer: client, lines: lines) == .untrustedHeader(client), "a client was believed")
        precondition(rule.resolve(peer: proxy, lines: lines + ["192.0.2.7"]) == .address(client), "a hop was passed by")
        let appended = lines.dropLast() + [(lines.last ?? "") + ", 192.0.2.7"]
        precondition(rule.resolve(peer: proxy, lines: Array(appended)) == .address(client), "a hop was passed by")
        guard case .address(let found) = rule.resolve(peer: proxy, lines: lines) else { return false }
        precondition(!proxies.contains(found), "a proxy is nobody's client")
        return true
    }

    private static func words(_ text: String) -> Bool {
        if let span = TimeSpan(text) { precondition(span.seconds >= 0, "a negative time") }
        if let handle = Handle(text) { precondition(Handle(handle.description) == handle, "another handle") }
        if let pattern = ModelPattern(text) { precondition(!pattern.description.isEmpty, "an empty pattern") }
        let hash = PasswordHash(phc: text)
        return TimeSpan(text) != nil || Handle(text) != nil || ModelPattern(text) != nil || hash != nil
    }
}
