/// The contact for people who have no key yet, or one that doesn't work: an e-mail address, a page, or words.
package struct Contact: Equatable, Sendable {
    /// The form that the setting must have.
    package static let form = "one line of at most 200 characters: an e-mail address, an https:// address or words"

    package enum Kind: Equatable, Sendable {
        case email
        case page
        case words
    }

    package let text: String
    package let kind: Kind

    /// Returns nil for text that is empty, longer than 200 characters, or has invisible characters.
    package init?(_ text: String) {
        let text = String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
        let isShown = text.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
            default: true
            }
        }
        guard !text.isEmpty, text.count <= 200, isShown else { return nil }
        self.text = text
        if text.hasPrefix("https://") {
            guard !text.contains(where: \.isWhitespace), text.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) else { return nil }
            kind = .page
        } else {
            kind = Self.isEmail(text) ? .email : .words
        }
    }

    /// The target of a link to it; nil for words.
    package var link: String? {
        switch kind {
        case .email: "mailto:" + text
        case .page: text
        case .words: nil
        }
    }

    /// True for an address that needs no escaping in a link: the usual characters, one `@`, a host with a dot.
    private static func isEmail(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else { return false }
        let labels = parts[1].split(separator: ".", omittingEmptySubsequences: false)
        func isPlain(_ character: Character) -> Bool {
            character.isASCII && (character.isLetter || character.isNumber)
        }
        return parts[0].allSatisfy { isPlain($0) || ".+-_".contains($0) }
            && labels.count > 1 && labels.allSatisfy { !$0.isEmpty && $0.allSatisfy { isPlain($0) || $0 == "-" } }
    }
}
