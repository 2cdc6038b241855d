/// The kind of key that a request asks for.
///
/// Production, CI/CD, automation, system, server and service mean long-term, and so do permanent and unattended use.
/// Development, a quick test and a trial mean short-term, which is also the default. "A test of our new service" is
/// both, so it is asked about. In a team's name such a word has no meaning: "the Customer Service team".
struct KindParser {
    let kind: ProvisionRequest.Kind
    let question: String?

    init(_ words: RequestTokens) {
        let hits = words.indices.compactMap { Self.hit($0, words) }
        func isKind(_ index: Int) -> Bool { hits.contains { $0.index == index } }
        var named: Set<ProvisionRequest.Kind> = []
        var denied: Set<ProvisionRequest.Kind> = []
        var isHedged = false
        var isDenialClear = false
        for hit in hits {
            if hit.isNegated || words.isNegated(hit.index, isKind: isKind) {
                denied.insert(hit.kind)
                isDenialClear = isDenialClear || hit.isNegated || words.isNegatorNear(hit.index)
            } else {
                named.insert(hit.kind)
                if hit.kind == .longTerm { isHedged = isHedged || Self.isHedged(hit.index, words) }
            }
        }
        if named.contains(.longTerm) {
            let isClear =
                named.count == 1 && !denied.contains(.longTerm) && !isHedged && !words.hasBareNo && !Self.isTest(words)
            kind = isClear ? .longTerm : .shortTerm
            question = isClear ? nil : Self.question
        } else {
            kind = .shortTerm
            // A denied test leaves the kind open. A "not" far from "production" may mean something else.
            let isOpen = denied.contains(.shortTerm) || denied.contains(.longTerm) && !isDenialClear
            question = isOpen && !named.contains(.shortTerm) ? Self.question : nil
        }
    }

    /// True if the word at `index` names a kind, or is part of such a phrase.
    static func isKindWord(_ index: Int, _ words: RequestTokens) -> Bool {
        if hit(index, words) != nil { return true }
        return ["quick", "test", "tests", "try", "trying", "out", "/"].contains(words[index].key)
    }

    private static let question =
        "Is it for a system that runs on its own (long-term), or for a person who develops or tries out (short-term)?"

    private static let longTerm: Set<String> = [
        "production", "prod", "ci/cd", "ci-cd", "cicd", "ci", "automation", "automated", "unattended", "nightly",
        "cron", "cronjob", "cronjobs", "daemon", "jenkins", "system", "systems", "server", "servers", "service",
        "services", "long-term", "longterm", "long-lived", "permanent", "permanently", "indefinitely",
    ]
    private static let shortTerm: Set<String> = [
        "development", "dev", "short-term", "shortterm", "short-lived", "temporary", "temporarily", "temp", "throwaway",
        "one-off", "quick-test", "try-out",
    ]
    /// Words of both kinds that teams are named for.
    private static let nameable: Set<String> = [
        "production", "ci/cd", "ci-cd", "cicd", "ci", "automation", "automated", "system", "systems", "server",
        "servers", "service", "services", "development", "dev",
    ]
    private static let hedges: Set<String> = [
        "maybe", "perhaps", "possibly", "probably", "unsure", "eventually", "someday", "later", "might", "whether",
        "if",
    ]

    /// Objects of a trial, which alone make nothing short-term, and make a service ambiguous.
    private static let tests: Set<String> = [
        "demo", "evaluate", "evaluating", "evaluation", "experiment", "experimental", "experimenting", "experiments",
        "poc", "prototype", "prototyping", "sandbox", "test", "testing", "tests", "trial", "trials",
    ]

    private static func isTest(_ words: RequestTokens) -> Bool {
        words.indices.contains { index in
            !words[index].isTaken && tests.contains(words[index].key) && !words.isNegated(index)
                && !NameReader(words: words).isInName(index)
        }
    }

    private static func hit(
        _ index: Int,
        _ words: RequestTokens
    ) -> (index: Int, kind: ProvisionRequest.Kind, isNegated: Bool)? {
        let word = words[index]
        guard !word.isTaken else { return nil }
        let isLong = longTerm.contains(word.key)
        if isLong || shortTerm.contains(word.key) {
            // "access for the Customer Service team" asks for no service.
            let isName = nameable.contains(word.key) && NameReader(words: words).isInName(index)
            return isName ? nil : (index, isLong ? .longTerm : .shortTerm, false)
        }
        if let rest = word.unnegated, longTerm.contains(String(rest)) { return (index, .longTerm, true) }
        func next(_ offset: Int) -> String { words.word(index + offset, with: index)?.key ?? "" }
        if isEndless(index, words) { return (index, .longTerm, false) }
        switch word.key {
        case "ci" where next(1) == "cd" || next(1) == "/" && next(2) == "cd": return (index, .longTerm, false)
        case "long" where next(1) == "term": return (index, .longTerm, false)
        case "short" where next(1) == "term": return (index, .shortTerm, false)
        case "quick" where ["test", "tests"].contains(next(1)): return (index, .shortTerm, false)
        case "try", "trying":
            // "try it out", "try the models out"
            return (1...4).contains { next($0) == "out" } ? (index, .shortTerm, false) : nil
        default: return nil
        }
    }

    /// "never expires", "no expiry"; not "must not expire before Friday".
    private static func isEndless(_ index: Int, _ words: RequestTokens) -> Bool {
        let key = words[index].key
        guard ["never", "no", "without"].contains(key) || key.hasSuffix("n't"),
            let next = words.word(index + 1, with: index)?.key,
            ["expire", "expires", "expiring", "expiry", "expiration"].contains(next)
        else { return false }
        let limits: Set = [
            "before", "during", "in", "on", "today", "tomorrow", "until", "when", "while", "within",
        ]
        return !(words.word(index + 2, with: index).map { limits.contains($0.key) } ?? false)
    }

    private static func isHedged(_ index: Int, _ words: RequestTokens) -> Bool {
        let clause = words[index].clause
        // "production?" is in doubt, "could we have a production key?" is a request.
        let isShort = words.words.count { $0.clause == clause } <= 3
        return words[index].isQuestioned && isShort
            || words.words.contains { $0.clause == clause && !$0.isTaken && hedges.contains($0.key) }
            || words.word(index + 1, with: index)?.key == "or" && words.word(index + 2, with: index)?.key == "not"
    }
}
