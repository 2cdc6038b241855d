import AWSClients

/// The owner of the key: any e-mail address in the request.
struct OwnerParser {
    let owner: String?
    let question: String?

    init(_ words: inout RequestTokens) {
        let candidates = words.indices.filter { words[$0].key.contains("@") }
        words.take(candidates)
        let addresses = candidates.map { Self.address(at: $0, words) }
        guard !addresses.contains(nil) else {
            owner = nil
            question = "What is the owner's e-mail address, as ada@example.edu?"
            return
        }
        var distinct: [String] = []
        for address in addresses.compactMap(\.self)
        where !distinct.contains(where: { $0.lowercased() == address.lowercased() }) {
            distinct.append(address)
        }
        guard distinct.count < 2 else {
            owner = nil
            question = "Which one is the owner: \(distinct.joined(separator: " or "))?"
            return
        }
        owner = distinct.first
        question = nil
    }

    /// Returns the word as an address; nil when it is none, or only the end of one with unusual characters.
    private static func address(at index: Int, _ words: RequestTokens) -> String? {
        let word = words[index]
        let isWhole: Bool
        switch word.glue {
        case nil, "<", "(", "[", "\"", "\u{201C}", "\u{201E}", ",", ";", ":": isWhole = true
        case "=": isWhole = index > 0 && ["owner", "email", "e-mail", "mail", "contact"].contains(words[index - 1].key)
        default: isWhole = false
        }
        let address = word.text.hasSuffix("'s") ? String(word.text.dropLast(2)) : word.text
        return isWhole && EmailAddress.isValid(address) ? address : nil
    }
}
