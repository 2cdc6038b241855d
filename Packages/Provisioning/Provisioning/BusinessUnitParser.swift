/// The business unit of a request: `for X`, `X access`; else any team, group or department in it.
///
/// A name that ends in such a word keeps it and all before it: `for our AI Research Group` is `ai-research-group`.
/// Other names drop words with another meaning: `for our new genomics service` is `genomics`.
struct BusinessUnitParser {
    /// The unit in lower case, with hyphens for blanks and signs.
    let unit: String?
    let question: String?

    /// The longest name in words; more is a sentence.
    private static let longest = 4
    /// The longest name of a group, such as `department-of-electrical-and-computer-engineering`.
    private static let longestOfGroup = 6

    init(_ words: RequestTokens) {
        let reader = NameReader(words: words)
        var names: [[String]] = []
        for index in words.indices where !words[index].isTaken {
            switch words[index].key {
            case "for" where !Self.isDenied(index, words): names += reader.after(index)
            case "access": names += [reader.before(index)]
            default: break
            }
        }
        names.removeAll { $0.isEmpty }
        if names.isEmpty { names = reader.groups() }
        let units = names.map { $0.joined(separator: "-") }
        let distinct = units.indices.filter { units.firstIndex(of: units[$0]) == $0 }.map { units[$0] }
        let long = names.first { name in
            let isOfGroup = name.contains { NameReader.groups.contains($0) }
            return name.count > (isOfGroup ? Self.longestOfGroup : Self.longest)
        }
        if let long {
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

    private static func isDenied(_ index: Int, _ words: RequestTokens) -> Bool {
        guard let before = words.word(index - 1, with: index) else { return false }
        return ["not", "never", "except"].contains(before.key) || before.key.hasSuffix("n't")
    }
}

/// Finds names in words: their bounds, and the words of them that count.
struct NameReader {
    let words: RequestTokens

    /// Returns the names after the word at `index`, split at "and" unless that is within one.
    func after(_ index: Int) -> [[String]] {
        words.isJoined(index + 1, from: index) ? names(from: index + 1) : []
    }

    /// Returns the names that begin at the word at `start`.
    private func names(from start: Int) -> [[String]] {
        var runs: [[Int]] = [[]]
        var position = start
        while words.isJoined(position, from: start), !isEnd(position) {
            let key = words[position].key
            if position == start, Self.activities.contains(key) { return [] }
            switch key {
            case "and" where isWithin(position): runs[runs.count - 1].append(position)
            case "and", "or", "+": runs.append([])
            case "&": break
            default: runs[runs.count - 1].append(position)
            }
            position += 1
        }
        return runs.map { name($0) }
    }

    /// Returns the name before the word at `index`.
    func before(_ index: Int) -> [String] {
        var run: [Int] = []
        var position = index - 1
        while position >= 0, words.isJoined(index, from: position), !isEnd(position),
            !["and", "or", "+"].contains(words[position].key), !Self.activities.contains(words[position].key)
        {
            if words[position].key != "&" { run.insert(position, at: 0) }
            position -= 1
        }
        return name(run)
    }

    /// Returns every team or other group: "the physics team needs a key".
    func groups() -> [[String]] {
        words.indices.filter { index in
            isGroup(index) && !words.isNegated(index) && !isOfThings(index)
        }
        .map { index in
            let name = before(index + 1, ending: index)
            guard name.isEmpty, words[index].isCapital, words.isJoined(index + 1, from: index),
                words.indices.contains(index + 1), words[index + 1].isCapital
            else { return name }
            return names(from: index).first ?? []
        }
        .filter { !$0.isEmpty }
    }

    /// Returns the name that ends in the group at `end`, including the words after an "of".
    private func before(_ index: Int, ending end: Int) -> [String] {
        var run = [end]
        var position = end - 1
        while position >= 0, words.isJoined(end, from: position), !isEnd(position),
            !["and", "or", "+"].contains(words[position].key)
        {
            run.insert(position, at: 0)
            position -= 1
        }
        position = index
        while words.isJoined(position, from: end), !isEnd(position), isOf(end + 1) {
            run.append(position)
            position += 1
        }
        return name(run)
    }

    /// True if the word is part of a name and so has no other meaning: "the Customer Service team", "Systems Biology".
    func isInName(_ position: Int) -> Bool {
        isInGroup(position) || isInDepartment(position)
    }

    /// True if the word is part of a group's name: before "team", or after "department of".
    private func isInGroup(_ position: Int) -> Bool {
        var next = position + 1
        while words.isJoined(next, from: position), !isEnd(next), !Self.determiners.contains(words[next].key),
            !["and", "or", "+"].contains(words[next].key) || isWithin(next)
        {
            if isGroup(next) { return !isOfThings(next) }
            next += 1
        }
        var last = position - 1
        if last >= 0, words.isJoined(position, from: last), isGroup(last), words[last].isCapital,
            words[position].isTitle
        {
            return true
        }
        while last >= 0, words.isJoined(position, from: last), !isEnd(last) {
            if words[last].key == "of" { return isOf(last) }
            last -= 1
        }
        return false
    }

    /// True if the word and a neighbour are a typical name of a department or a science, or are written as one name.
    private func isInDepartment(_ position: Int) -> Bool {
        let word = words[position]
        guard Self.departments.contains(word.owner) else { return false }
        let next = words.isJoined(position + 1, from: position) ? words[position + 1] : nil
        let last = position > 0 && words.isJoined(position, from: position - 1) ? words[position - 1] : nil
        if let next, Self.fields.contains(next.owner) { return true }
        if let next, word.isTitle, next.isTitle, isPlainName(position + 1) { return true }
        guard let last, ["service", "services", "system", "systems"].contains(word.owner) else { return false }
        return Self.served.contains(last.key) || word.isTitle && last.isTitle && isPlainName(position - 1)
    }

    // MARK: One name

    /// Returns the words at `run` that count.
    private func name(_ run: [Int]) -> [String] {
        guard var end = run.firstIndex(where: { isGroup($0) }) else {
            // "genomics' server", "ada's genomics key": the possessive is the owner of the rest.
            let owner = run.firstIndex { words[$0].isPossessive }
            let name = run[...(owner ?? run.count - 1)]
            // "for a few hours", "for my project"
            guard let last = name.last, !LifetimeParser.isUnit(words[last].key) else { return [] }
            let keys = name.filter { isPlainName($0) }.flatMap { parts($0) }
            return keys == ["project"] ? [] : keys
        }
        while end + 1 < run.count, isGroup(run[end + 1]), !words[run[end]].isPossessive { end += 1 }
        var name = Array(run[...end].drop { Self.determiners.contains(words[$0].key) })
        let rest = run[(end + 1)...]
        if rest.first.map({ words[$0].key == "of" }) == true {
            name += rest.prefix { words[$0].key == "of" || !Self.ends.contains(words[$0].key) }
                .filter { !Self.determiners.contains(words[$0].key) }
        } else if name.allSatisfy({ isGroup($0) }), !words[run[end]].isPossessive {
            name += rest.prefix { isPlainName($0) }
        }
        let keys = name.flatMap { parts($0) }
        // "my team", "a group of people" are no names.
        let isNameless = keys.allSatisfy { Self.generic.contains($0) || Self.people.contains($0) || $0 == "of" }
        return isNameless ? [] : keys
    }

    /// Returns a word as part of a name: without a possessive's end and without signs.
    private func parts(_ position: Int) -> [String] {
        words[position].owner.split { "&/'_+.".contains($0) }.map(String.init)
    }

    /// True if the word ends a name before or after it.
    private func isEnd(_ position: Int) -> Bool {
        let word = words[position]
        guard !word.isTaken else { return true }
        guard Self.ends.contains(word.key), word.key != "of" || !isOf(position) else { return false }
        // "the IT team", "our Access group"
        let isNamed = words.isJoined(position + 1, from: position) && isGroup(position + 1)
        // "the IT services department"
        if ["IT", "US"].contains(word.text), isInGroup(position) { return false }
        return !(isNamed && (word.isCapital || position > 0 && Self.determiners.contains(words[position - 1].key)))
    }

    /// True if the "of" there is between a group and its name: "department of physics".
    private func isOf(_ position: Int) -> Bool {
        guard words.indices.contains(position), words[position].key == "of", position > 0, isGroup(position - 1),
            words.isJoined(position + 1, from: position)
        else { return false }
        let next = words[position + 1]
        return !next.isTaken && next.key.contains(where: \.isLetter)
    }

    /// True if the "and" there is within a name: "research and development department".
    private func isWithin(_ position: Int) -> Bool {
        var next = position + 1
        guard words.isJoined(next, from: position), !Self.determiners.contains(words[next].key) else { return false }
        // The words before it are no group of their own, unless their name comes after it.
        var last = position - 1
        while last >= 0, words.isJoined(position, from: last), !isEnd(last), words[last].key != "and" {
            if isGroup(last) { return isOf(last + 1) }
            last -= 1
        }
        while words.isJoined(next, from: position), !isEnd(next), !["and", "or", "+"].contains(words[next].key) {
            if isGroup(next) { return !words[next].key.hasSuffix("s") || words[next].isPossessive }
            next += 1
        }
        return false
    }

    /// True if the word marks the words before it as a group of people; in this context every name is a "business
    /// unit".
    func isGroup(_ position: Int) -> Bool {
        guard words.indices.contains(position), !words[position].isTaken, Self.groups.contains(words[position].owner)
        else { return false }
        return words[position].owner != "unit" || position == 0 || words[position - 1].key != "business"
    }

    /// True if the group there is one of AWS's: a security group.
    private func isOfThings(_ position: Int) -> Bool {
        ["group", "groups"].contains(words[position].owner) && position > 0
            && Self.things.contains(words[position - 1].key)
    }

    /// True if the word can be part of a name without a group: it has a letter and no other meaning.
    func isPlainName(_ position: Int) -> Bool {
        let key = words[position].key
        return key.contains(where: \.isLetter) && !Self.fillers.contains(key) && !Self.ends.contains(key)
            && !Self.indefinitePronouns.contains(key)
            && !KindParser.isKindWord(position, words)
    }

    /// Endings of the names of groups.
    static let groups: Set<String> = [
        "board", "center", "centre", "chair", "college", "committee", "community", "council", "crew", "department",
        "departments", "dept", "division", "divisions", "faculty", "group", "groups", "hospital", "institute", "lab",
        "laboratory", "labs", "library", "office", "organisation", "organization", "school", "section", "society",
        "squad", "taskforce", "team", "teams", "unit", "units", "university",
    ]
    /// Of these, the words that are no name by themselves.
    private static let generic: Set<String> = [
        "department", "departments", "dept", "division", "divisions", "group", "groups", "organisation",
        "organization", "section", "team", "teams", "unit", "units",
    ]
    private static let people: Set<String> = [
        "colleagues", "developers", "people", "persons", "scientists", "students", "users",
    ]
    /// Things of which AWS has groups.
    private static let things: Set<String> = [
        "iam", "log", "parameter", "placement", "resource", "scaling", "security", "subnet", "target", "user",
    ]
    /// Words before a name that aren't part of it.
    private static let determiners: Set<String> = [
        "a", "all", "an", "another", "any", "each", "entire", "every", "her", "his", "its", "my", "new", "one", "other",
        "our", "own", "some", "that", "the", "their", "these", "this", "those", "whole", "your",
    ]
    /// Words that end a name.
    private static let ends: Set<String> = [
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
    private static let indefinitePronouns = ["every", "some"].flatMap { ["\($0)body", "\($0)one"] }
    /// Words beside a name that aren't part of it.
    private static let fillers: Set<String> = [
        "a", "ai", "amazon", "an", "any", "anthropic", "api", "aws", "bedrock", "business", "claude", "cloud",
        "console", "credential", "credentials", "department", "dept", "division", "example",
        "full", "group", "her", "him", "instance", "its", "llm", "me", "model", "models", "my", "new", "now", "our",
        "programmatic", "quick", "some", "sure", "team", "teams", "temporary", "the", "them",
        "today", "token", "tokens", "tomorrow", "unit", "us", "usage", "use", "user", "users", "while", "work", "your",
        "short", "long", "term", "ci", "cd", "read", "his", "additional", "admin", "also", "deployment", "deployments",
        "direct", "environment", "environments", "extra", "immediate", "job", "jobs", "limited", "more", "pipeline",
        "pipelines", "root", "still", "urgent", "workload", "workloads", "write",
        // Purposes, not owners.
        "assignment", "deadline", "demo", "demos", "experiment", "experiments", "hackathon", "homework", "meeting",
        "notebook", "notebooks", "paper", "poc", "presentation", "prototype", "prototypes", "script", "scripts",
        "talk", "task", "tasks", "thesis", "trial", "trials", "tutorial", "workshop",
        // Times.
        "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "afternoon", "evening",
        "morning", "next", "tonight", "weekend",
    ]
    /// Words that name a kind of key, but also departments and sciences.
    private static let departments: Set<String> = [
        "automation", "production", "server", "servers", "service", "services", "system", "systems",
    ]
    /// The second words of departments and sciences: systems biology, production design, service desk.
    private static let fields: Set<String> = [
        "biology", "chemistry", "design", "desk", "dynamics", "ecology", "engineering", "medicine", "neuroscience",
        "pharmacology", "physics", "planning", "research", "science", "sciences", "theory",
    ]
    /// The words before "service" or "systems" in a department's name.
    private static let served: Set<String> = [
        "client", "community", "customer", "field", "financial", "guest", "health", "human", "information", "legal",
        "library", "member", "patient", "professional", "shared", "social", "student", "visitor",
    ]
    /// Activities, not owners.
    private static let activities: Set<String> = [
        "building", "calling", "checking", "debugging", "deploying", "developing", "doing", "evaluating", "evaluation",
        "experimenting", "experiments", "exploring", "getting", "invoking", "making", "playing", "prototyping",
        "running", "seeing", "testing", "trying", "using", "working",
    ]
}
