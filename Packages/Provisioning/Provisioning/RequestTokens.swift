/// The words of a request, split into words at blanks and into clauses at punctuation.
struct RequestTokens {
    struct Word {
        /// The word as written.
        let text: String
        /// The word in lower case, with a plain apostrophe.
        let key: String
        /// The number of the clause; commas, full stops and the like separate clauses.
        let clause: Int
        /// The punctuation directly before the word, without a blank.
        let glue: Character?
        /// True if `:` or `=` follows, as in `region: us-east-1`.
        var isLabel = false
        /// True if `?` ends its clause.
        var isQuestioned = false
        /// True if only blanks and quotation marks separate it from the word before.
        var isClose = false
        /// True if it is already an address, a region or a length of time, so that it has no other meaning.
        var isTaken = false

        /// True for a possessive: `lab's`.
        var isPossessive: Bool { key.hasSuffix("'s") }

        /// The owner in a possessive: `lab`.
        var owner: String { isPossessive ? String(key.dropLast(2)) : key }

        /// True if the word is capitalised.
        var isCapital: Bool { text.first?.isUppercase == true }

        /// True if the word is capitalised like a name, not an abbreviation or all capitals.
        var isTitle: Bool { isCapital && text.dropFirst().first?.isLowercase == true }

        /// The rest after a leading `non-`.
        var unnegated: Substring? { key.hasPrefix("non-") ? key.dropFirst(4) : nil }
    }

    /// The longest request, in bytes.
    static let longest = 2000

    private(set) var words: [Word] = []

    init(_ text: String) {
        var rest = text.map(Self.plain)[...]
        var clause = 0
        var glue: Character?
        var isClose = false
        while let character = rest.first {
            if character.isWhitespace {
                glue = nil
                rest.removeFirst()
            } else if Self.isSeparator(character, before: rest.dropFirst().first) {
                mark(character, clause)
                clause += 1
                isClose = isClose && Self.quotationMarks.contains(character)
                glue = character
                rest.removeFirst()
            } else {
                let end = rest.indices.first { index in
                    rest[index].isWhitespace
                        || Self.isSeparator(rest[index], before: rest[(index + 1)...].first)
                }
                let token = Self.bare(rest[..<(end ?? rest.endIndex)])
                rest = rest[(end ?? rest.endIndex)...]
                guard !token.isEmpty else { continue }
                let key = token.lowercased()
                if key == "but" { clause += 1 }
                words.append(Word(text: token, key: key, clause: clause, glue: glue, isClose: isClose))
                glue = nil
                isClose = true
                // "the physics dept. needs": the full stop of an abbreviation ends no clause.
                if rest.first == ".", Self.abbreviations.contains(key) { rest.removeFirst() }
            }
        }
    }

    var indices: Range<Int> { words.indices }
    subscript(index: Int) -> Word { words[index] }

    /// Returns the word at `index` if it is in the same clause as the one at `other`; nil at either end.
    func word(_ index: Int, with other: Int) -> Word? {
        guard words.indices.contains(index), words[index].clause == words[other].clause else { return nil }
        return words[index]
    }

    /// True if the words from one to the other are in one clause, quotation marks aside: `the "Data Science" team`.
    func isJoined(_ index: Int, from other: Int) -> Bool {
        guard words.indices.contains(index), words.indices.contains(other), other <= index else { return false }
        return words[other...index].dropFirst().allSatisfy { $0.isClose || $0.clause == words[other].clause }
    }

    mutating func take(_ range: some Sequence<Int>) {
        for index in range { words[index].isTaken = true }
    }

    private mutating func mark(_ separator: Character, _ clause: Int) {
        if ":=".contains(separator), let last = words.indices.last, words[last].clause == clause {
            words[last].isLabel = true
        }
        guard separator == "?" else { return }
        for index in words.indices where words[index].clause == clause { words[index].isQuestioned = true }
    }

    /// Replaces invisible characters by blanks, so that none hides in a word, and makes apostrophes and hyphens plain.
    private static func plain(_ character: Character) -> Character {
        guard let scalar = character.unicodeScalars.first else { return character }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: return " "
        default: break
        }
        switch character {
        case "\u{2018}", "\u{2019}", "\u{02BC}": return "'"
        case "\u{2010}", "\u{2011}": return "-"
        default: return character
        }
    }

    private static let quotationMarks = "\"\u{201C}\u{201D}\u{201E}\u{AB}\u{BB}"
    private static let abbreviations: Set<String> = ["dept", "div", "dr", "inst", "lab", "prof", "univ"]

    /// True if the character ends a clause.
    ///
    /// A full stop doesn't before a letter or digit: addresses and numbers contain them.
    private static func isSeparator(_ character: Character, before next: Character?) -> Bool {
        if character == "." { return !(next.map { $0.isLetter || $0.isNumber } ?? false) }
        return ",;:=!?()[]{}<>|\"\u{201C}\u{201D}\u{201E}\u{AB}\u{BB}\u{2013}\u{2014}\u{2026}".contains(character)
    }

    private static func bare(_ token: ArraySlice<Character>) -> String {
        let marks = "'`*_"
        let front = token.drop { marks.contains($0) }
        let last = front.lastIndex { !marks.contains($0) }
        return last.map { String(front[...$0]) } ?? ""
    }
}

/// Negation of words.
extension RequestTokens {
    /// True if the word is negated: by a "not" before it in its clause, or by one after it without another object.
    func isNegated(_ index: Int, isKind: (Int) -> Bool = { _ in false }) -> Bool {
        let clause = words[index].clause
        let around = words.indices.filter { words[$0].clause == clause && isNegator($0) }
        if around.contains(where: { $0 < index }) { return true }
        return around.contains { negator in
            negator > index && !words.indices.contains { $0 > negator && words[$0].clause == clause && isKind($0) }
        }
    }

    /// True if the negation is within a few words of it.
    func isNegatorNear(_ index: Int) -> Bool {
        words.indices.contains { abs($0 - index) <= 4 && words[$0].clause == words[index].clause && isNegator($0) }
    }

    /// True if the sentence has a clause that is a bare "no", as in "production? no".
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
        // A key that never expires is long-term.
        "expire", "expires", "expiring", "expiry", "expiration",
    ]
}
