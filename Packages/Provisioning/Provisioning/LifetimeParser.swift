import BursarFoundation
import BursarModel

/// The requested lifetime: `N hours`, `N minutes`, or both; `eight hours` too.
///
/// No value is rounded or cut to fit: one that AWS doesn't allow is asked about.
struct LifetimeParser {
    let lifetime: SessionDuration?
    let question: String?

    /// A number and its unit, at these words.
    private struct Amount {
        let range: Range<Int>
        let seconds: Double
        let unit: Double
    }

    init(_ words: inout RequestTokens) {
        var amounts: [Amount] = []
        var isUnclear = false
        var index = 0
        while index < words.indices.upperBound {
            if let amount = Self.amount(at: index, words) {
                isUnclear = isUnclear || Self.isPartOfRange(amount, words)
                if let last = amounts.last, last.unit > amount.unit, Self.isAdjacent(last, amount, words) {
                    amounts[amounts.count - 1] = Amount(
                        range: last.range.lowerBound..<amount.range.upperBound,
                        seconds: last.seconds + amount.seconds,
                        unit: amount.unit
                    )
                } else {
                    amounts.append(amount)
                }
                index = amount.range.upperBound
            } else {
                // An hour without a plain number: "two hours", "-5 hours", "2-4 hours".
                if !words[index].isTaken, let unit = Self.units[words[index].key], words[index].key.utf8.count > 1 {
                    // "our second language group"
                    let isLength = unit <= 3600 && words[index].key != "second"
                    isUnclear = isUnclear || isLength || Self.isCounted(index, words)
                } else if Self.isSpoiled(words[index].key) {
                    isUnclear = true
                }
                index += 1
            }
        }
        for amount in amounts { words.take(amount.range) }
        let distinct = Set(amounts.map(\.seconds))
        lifetime = isUnclear || distinct.count > 1 ? nil : distinct.first.flatMap(Self.duration)
        if isUnclear {
            question = "How long is it to work, in digits, as 2 hours or 90 minutes?"
        } else if distinct.count > 1 {
            question = "Which length of time is meant?"
        } else if distinct.isEmpty || lifetime != nil {
            question = nil
        } else {
            question = "How long is it to work: 15 minutes to 12 hours?"
        }
    }

    private static let units: [String: Double] = {
        let names: [(Double, [String])] = [
            (1, ["s", "sec", "secs", "second", "seconds"]), (60, ["m", "min", "mins", "minute", "minutes"]),
            (3600, ["h", "hr", "hrs", "hour", "hours"]), (86_400, ["d", "day", "days"]),
            (604_800, ["w", "week", "weeks"]), (2_592_000, ["month", "months"]), (31_536_000, ["year", "years"]),
        ]
        return Dictionary(uniqueKeysWithValues: names.flatMap { unit in unit.1.map { ($0, unit.0) } })
    }()

    /// From one to nineteen, and the tens.
    private static let counts: [String: Double] = {
        let small = [
            "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
            "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
        ]
        let tens = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
        let all = small.enumerated().map { ($1, Double($0 + 1)) } + tens.enumerated().map { ($1, Double($0 + 2) * 10) }
        return Dictionary(uniqueKeysWithValues: all)
    }()

    /// True if the word is a unit of time, spelled out.
    static func isUnit(_ key: String) -> Bool { key.utf8.count > 1 && units[key] != nil }

    /// `eight`, `ninety`, `forty-five`.
    private static func count(_ key: some StringProtocol) -> Double? {
        let parts = key.split(separator: "-", omittingEmptySubsequences: false).map { counts[String($0)] }
        switch parts.count {
        case 1: return parts[0]
        case 2:
            guard let tens = parts[0], let ones = parts[1], tens >= 20, ones < 10 else { return nil }
            return tens + ones
        default: return nil
        }
    }

    private static func duration(_ seconds: Double) -> SessionDuration? {
        guard seconds == seconds.rounded(), seconds <= Double(SessionDuration.allowed.upperBound) else { return nil }
        return SessionDuration(seconds: Int(seconds))
    }

    private static func number(_ text: some StringProtocol) -> Double? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), text.utf8.count <= 12,
            parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { 0x30...0x39 ~= $0 } })
        else { return nil }
        return Double(String(text))
    }

    private static func amount(at index: Int, _ words: RequestTokens) -> Amount? {
        let word = words[index]
        guard !word.isTaken else { return nil }
        if let number = number(word.key) {
            guard let next = words.word(index + 1, with: index), let unit = units[next.key] else { return nil }
            return Amount(range: index..<(index + 2), seconds: number * unit, unit: unit)
        }
        if let count = count(word.key) {
            guard let next = words.word(index + 1, with: index), isUnit(next.key), let unit = units[next.key] else {
                return nil
            }
            return Amount(range: index..<(index + 2), seconds: count * unit, unit: unit)
        }
        // "eight-hour"
        if let hyphen = word.key.lastIndex(of: "-"), let count = count(word.key[..<hyphen]),
            case let name = String(word.key[word.key.index(after: hyphen)...]), isUnit(name), let unit = units[name]
        {
            return Amount(range: index..<(index + 1), seconds: count * unit, unit: unit)
        }
        guard !isDimension(index, words), let seconds = joined(word.key) else { return nil }
        return Amount(range: index..<(index + 1), seconds: seconds.total, unit: seconds.last)
    }

    /// `2h`, `30-minute`, `1h30m`.
    private static func joined(_ key: String) -> (total: Double, last: Double)? {
        var rest = Substring(key)
        var total = 0.0
        var last = Double.infinity
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
            rest = rest.dropFirst(digits.count)
            if rest.first == "-" { rest.removeFirst() }
            let letters = rest.prefix { $0.isASCII && $0.isLetter }
            guard let number = number(digits), let unit = units[String(letters)], unit < last else { return nil }
            total += number * unit
            last = unit
            rest = rest.dropFirst(letters.count)
        }
        return last.isFinite ? (total, last) : nil
    }

    /// "the 3D team", "3D printing" are no days.
    private static func isDimension(_ index: Int, _ words: RequestTokens) -> Bool {
        guard ["2d", "3d", "4d"].contains(words[index].key), words.isJoined(index + 1, from: index) else {
            return false
        }
        let reader = NameReader(words: words)
        return reader.isPlainName(index + 1) || reader.isGroup(index + 1)
    }

    /// True for a word that begins with a digit or a sign and ends in a unit's whole name, yet is no amount:
    /// `2-4-hour`.
    private static func isSpoiled(_ key: String) -> Bool {
        guard let first = key.first, first.isNumber || "+-\u{2212}~<>".contains(first), joined(key) == nil else {
            return false
        }
        return ["hour", "hours", "hr", "hrs", "minute", "minutes", "min", "mins", "h"].contains { key.hasSuffix($0) }
    }

    /// True if the number before belongs to the amount: `2 to 4 hours`, `1,5 hours`, `1/2 hour`.
    private static func isPartOfRange(_ amount: Amount, _ words: RequestTokens) -> Bool {
        let start = amount.range.lowerBound
        func number(_ key: String) -> Double? { Self.number(key) ?? count(key) }
        if words[start].glue != nil, start > 0, number(words[start - 1].key) != nil { return true }
        guard start > 0, words[start - 1].clause == words[start].clause else { return false }
        if number(words[start - 1].key) != nil { return true }
        let links: Set = ["to", "or", "and", "-", "/", "\u{2212}", "until", "through", "x", "*", "times"]
        guard links.contains(words[start - 1].key), let earlier = words.word(start - 2, with: start) else {
            return ["-", "\u{2212}", "minus", "+", "half"].contains(words[start - 1].key)
        }
        return number(earlier.key) != nil
    }

    /// True if the unit is a length of time: `two weeks`, `for a day`, but not `every day`.
    private static func isCounted(_ index: Int, _ words: RequestTokens) -> Bool {
        guard let count = words.word(index - 1, with: index)?.key else { return false }
        if ["a", "an", "one"].contains(count) { return words.word(index - 2, with: index)?.key == "for" }
        return ["few", "several", "couple", "of", "half", "hundred"].contains(count) || counts[count] != nil
    }

    /// True for one amount in two parts: `1 hour 30 minutes`, `1 hour and 30 minutes`.
    private static func isAdjacent(_ first: Amount, _ second: Amount, _ words: RequestTokens) -> Bool {
        let between = words.words[first.range.upperBound..<second.range.lowerBound]
        return between.isEmpty || between.count == 1 && between.allSatisfy { $0.key == "and" }
    }
}
