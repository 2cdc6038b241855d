import BursarFoundation

/// Checks on credentials that came from outside, before any is put into a header.
enum CredentialCharacters {
    /// A field of printable ASCII without blanks, quotes and backslashes, at most 16 KiB.
    static func plain<Key>(_ fields: KeyedDecodingContainer<Key>, _ key: Key) throws -> String {
        let text = try fields.decode(String.self, forKey: key)
        guard isPlain(text) else {
            throw DecodingError.dataCorruptedError(forKey: key, in: fields, debugDescription: "not plain")
        }
        return text
    }

    static func isPlain(_ text: String) -> Bool {
        (1...16_384).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }
    }

    /// A setting that isn't secret, as an error may show it: shortened, and without what a URL may hide.
    static func shown(_ value: String) -> String {
        var text = value
        if let scheme = text.firstRange(of: "://") {
            let authority = text[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
            if let at = authority.lastIndex(of: "@") { text.replaceSubrange(authority.startIndex..<at, with: "…") }
        }
        if let query = text.firstIndex(of: "?") { text.replaceSubrange(query..., with: "?…") }
        return text.count > 80 ? "\"\(text.prefix(79))…\"" : "\"\(text)\""
    }

    /// Names the field that kept JSON from being read, and repeats none of it.
    static func problem(_ error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, _): "no \(key.stringValue)"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
            DecodingError.dataCorrupted(let context):
            context.codingPath.last.map { "\($0.stringValue) is malformed" } ?? "not the JSON it should be"
        default: "not the JSON it should be"
        }
    }
}
