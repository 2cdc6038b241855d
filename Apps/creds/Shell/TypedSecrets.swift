import Console

/// Takes keys and tokens out of what repeats a command line.
enum TypedSecrets {
    /// How Bedrock's tokens and its long-term keys begin.
    private static let prefixes = ["bedrock-api-key-", "ABSK"]

    /// `text` with a mark for what follows such a beginning, up to the next blank or quote.
    static func removed(from text: String) -> String {
        var text = Redaction.keys(in: text)
        for prefix in prefixes {
            var result = ""
            var rest = text[...]
            while let found = rest.firstRange(of: prefix) {
                let secret = rest[found.upperBound...].prefix { $0 != "'" && $0 != "\"" && !$0.isWhitespace }
                result += rest[..<found.upperBound] + (secret.isEmpty ? "" : "…")
                rest = rest[secret.endIndex...]
            }
            text = result + rest
        }
        return text
    }
}
