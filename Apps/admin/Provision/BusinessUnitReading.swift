/// What the use is accounted to: `for X`, `X access`.
struct BusinessUnitReading {
    /// In lower case, with hyphens for blanks.
    let unit: String?
    let question: String?

    /// More words than that are a sentence, not a name.
    private static let longest = 4

    init(_ words: RequestWords) {
        var found: [[String]] = []
        for index in words.indices where !words[index].isTaken {
            switch words[index].key {
            case "for" where !Self.isDenied(index, words): found += Self.after(index, words)
            case "access": found += [Self.before(index, words)]
            default: break
            }
        }
        let names = found.filter { !$0.isEmpty }
        let units = names.map { $0.joined(separator: "-") }
        let distinct = units.indices.filter { units.firstIndex(of: units[$0]) == $0 }.map { units[$0] }
        if let long = names.first(where: { $0.count > Self.longest }) {
            unit = nil
            question = "What is the business unit's name? \"\(long.joined(separator: " "))\" is long for one."
        } else if distinct.count > 1 {
            unit = nil
            question = "Which business unit: \(distinct.joined(separator: " or "))?"
        } else {
            unit = distinct.first
            question = nil
        }
    }

    private static func isDenied(_ index: Int, _ words: RequestWords) -> Bool {
        guard let before = words.word(index - 1, with: index) else { return false }
        return ["not", "never", "except"].contains(before.key) || before.key.hasSuffix("n't")
    }

    /// The names after "for", cut at "and".
    private static func after(_ index: Int, _ words: RequestWords) -> [[String]] {
        var names: [[String]] = [[]]
        var position = index + 1
        while let word = words.word(position, with: index), !word.isTaken, !stops.contains(word.key) {
            if position == index + 1, activities.contains(word.key) { return [] }
            if ["and", "or", "&", "+"].contains(word.key) {
                names.append([])
            } else if isName(position, words) {
                names[names.count - 1].append(word.key)
            }
            position += 1
        }
        return names
    }

    /// The name before "access".
    private static func before(_ index: Int, _ words: RequestWords) -> [String] {
        var name: [String] = []
        var position = index - 1
        while let word = words.word(position, with: index), !word.isTaken, !stops.contains(word.key),
            !["and", "or", "&", "+"].contains(word.key), !activities.contains(word.key)
        {
            if isName(position, words) { name.insert(word.key, at: 0) }
            position -= 1
        }
        return name
    }

    /// Whether a word can be a part of a name: it holds a letter, and says nothing else.
    private static func isName(_ position: Int, _ words: RequestWords) -> Bool {
        let key = words[position].key
        return key.contains(where: \.isLetter) && !fillers.contains(key) && !KindReading.isKindWord(position, words)
    }

    /// What ends a name.
    private static let stops: Set<String> = [
        "access", "add", "allow", "am", "are", "arrange", "as", "at", "be", "because", "but", "by", "can", "create",
        "during", "enable", "for", "from", "get", "give", "gives", "grant", "has", "have", "he", "i", "if", "in", "is",
        "issue", "it", "key", "keys", "last", "lasting", "lasts", "make", "me", "must", "need", "needed", "needs",
        "never", "no", "not", "obtain", "of", "on", "over", "owned", "owner", "owns", "please", "provide", "provision",
        "region", "request", "requesting", "requests", "set", "she", "should", "so", "that", "their", "they", "this",
        "to", "under", "until", "up", "using", "valid", "via", "want", "wants", "was", "we", "which", "who", "whose",
        "will", "with", "within", "without", "you", "instead", "rather", "than", "only", "just", "ask", "asking",
        "asks",
        "could", "did", "do", "does", "gain", "gets", "given", "granted", "having", "like", "require", "requested",
        "requires", "setup", "would",
    ]
    /// What stands beside a name and isn't a part of it.
    private static let fillers: Set<String> = [
        "a", "ai", "amazon", "an", "any", "anthropic", "api", "aws", "bedrock", "business", "claude", "cloud",
        "console", "credential", "credentials", "department", "dept", "division", "everybody", "everyone", "example",
        "full", "group", "her", "him", "instance", "its", "llm", "me", "model", "models", "my", "new", "now", "our",
        "programmatic", "quick", "some", "somebody", "someone", "sure", "team", "teams", "temporary", "the", "them",
        "today", "token", "tokens", "tomorrow", "unit", "us", "usage", "use", "user", "users", "while", "work", "your",
        "short", "long", "term", "ci", "cd", "read", "his", "additional", "admin", "also", "deployment", "deployments",
        "direct", "environment", "environments", "extra", "immediate", "job", "jobs", "limited", "more", "pipeline",
        "pipelines", "root", "still", "urgent", "workload", "workloads", "write",
    ]
    /// What is done, not for whom.
    private static let activities: Set<String> = [
        "building", "calling", "checking", "debugging", "deploying", "developing", "doing", "evaluating", "evaluation",
        "experimenting", "experiments", "exploring", "getting", "invoking", "making", "playing", "prototyping",
        "running", "seeing", "testing", "trying", "using", "working",
    ]
}
