/// Bedrock models by id, `*` for any characters: `anthropic.claude-*`.
///
/// It becomes the end of a foundation model's ARN, so nothing that could leave that place is allowed in it.
package struct ModelPattern: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    /// 1 to 128 of `A–Z a–z 0–9 . : _ - *`, and not `*` alone twice over; nil for anything else.
    package init?(_ text: some StringProtocol) {
        guard (1...128).contains(text.utf8.count), !text.contains("**"),
            text.utf8.allSatisfy({ $0.isASCIILetterOrDigit || ".:_-*".utf8.contains($0) })
        else { return nil }
        description = String(text)
    }

    /// Returns true if `model` matches the pattern.
    package func matches(_ model: String) -> Bool {
        let parts = description.split(separator: "*", omittingEmptySubsequences: false)
        guard parts.count > 1, let first = parts.first, let last = parts.last else { return model == description }
        guard model.hasPrefix(first) else { return false }
        var rest = model.dropFirst(first.count)
        for part in parts.dropFirst().dropLast() {
            guard let found = rest.firstRange(of: part) else { return false }
            rest = rest[found.upperBound...]
        }
        return rest.hasSuffix(last)
    }
}

/// The models that a key may use, one at least.
package struct ModelList: Hashable, Sendable, CustomStringConvertible {
    package static let longest = 64
    package let patterns: [ModelPattern]

    package init?(_ patterns: [ModelPattern]) {
        guard (1...Self.longest).contains(patterns.count) else { return nil }
        self.patterns = patterns
    }

    /// Reads a comma list; nil when an entry is none, or none is there.
    package init?(_ text: String) {
        let entries = text.split(separator: ",", omittingEmptySubsequences: false)
        let patterns = entries.compactMap { ModelPattern($0.trimmingASCIIWhitespace()) }
        guard patterns.count == entries.count else { return nil }
        self.init(patterns)
    }

    package func allows(_ model: String) -> Bool {
        patterns.contains { $0.matches(model) }
    }

    package var description: String { patterns.map(\.description).joined(separator: ",") }
}
