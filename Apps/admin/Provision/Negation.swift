/// What turns a word into its opposite.
extension RequestTokens {
    /// Whether a "not" before the word, in its clause, or one after it that nothing else explains, takes it back.
    func isNegated(_ index: Int, isKind: (Int) -> Bool = { _ in false }) -> Bool {
        let clause = words[index].clause
        let around = words.indices.filter { words[$0].clause == clause && isNegator($0) }
        if around.contains(where: { $0 < index }) { return true }
        return around.contains { negator in
            negator > index && !words.indices.contains { $0 > negator && words[$0].clause == clause && isKind($0) }
        }
    }

    /// Whether what takes the word back stands within a few words of it.
    func isNegatorNear(_ index: Int) -> Bool {
        words.indices.contains { abs($0 - index) <= 4 && words[$0].clause == words[index].clause && isNegator($0) }
    }

    /// Whether the sentence holds a clause that says no and nothing else, as in "production? no".
    var hasBareNo: Bool {
        words.indices.contains { index in
            isNegator(index) && words.filter { $0.clause == words[index].clause }.count == 1
        }
    }

    private func isNegator(_ index: Int) -> Bool {
        let key = words[index].key
        guard Self.negators.contains(key) || key.hasSuffix("n't") else {
            // "rather than", "instead of", "other than"
            return ["rather", "instead", "other"].contains(key) && ["than", "of"].contains(following(index))
        }
        // "no more than 2 hours", "not only for development"
        return !Self.harmlessAfter.contains(following(index) ?? "")
    }

    private func following(_ index: Int) -> String? { word(index + 1, with: index)?.key }

    private static let negators: Set<String> = [
        "not", "no", "never", "without", "non", "neither", "nor", "cannot", "dont", "doesnt", "isnt", "wont", "cant",
        "except", "excluding", "avoid", "none", "nothing", "nope", "hardly",
    ]
    private static let harmlessAfter: Set<String> = [
        "more", "longer", "later", "less", "fewer", "only", "just", "merely", "rush", "hurry", "problem",
        // What never expires is long-term.
        "expire", "expires", "expiring", "expiry", "expiration",
    ]
}
