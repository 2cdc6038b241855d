import AWSAuth
import AWSClients

/// The region of a request: `in REGION`, `region: REGION`, or a region's name alone.
///
/// An apparent region that doesn't exist is asked about: the default must not replace it. The same holds for a region
/// that is newer than this program, which the `--region` option of the resulting command accepts.
struct RegionParser {
    let region: String?
    let question: String?

    init(_ words: inout RequestTokens) {
        var regions: [String] = []
        var unknown: String?
        /// The words that may be misspelt regions: "in nowhere-7". An existing region overrides them.
        var doubtful: [Int] = []
        var isUnclear = false
        for index in words.indices where !words[index].isTaken {
            let key = words[index].key
            let before = words.indices.contains(index - 1) ? words[index - 1] : nil
            let isHere = before?.clause == words[index].clause
            let isLabelled = before?.key == "region" && before?.isLabel == true
            let isPlaced = before?.key == "in" && isHere
            if Partition.allRegions.contains(key) {
                if words.isNegated(index) { isUnclear = true }
                if !regions.contains(key) { regions.append(key) }
                words.take([index])
                if isPlaced { words.take([index - 1]) }
            } else if RegionSpelling.isMeant(key) || isPlaced && Self.places.contains(key) {
                isUnclear = true
                unknown = unknown ?? key
                words.take([index])
            } else if isLabelled {
                // The word keeps its other meaning: "region: production" says production.
                isUnclear = true
            } else if isPlaced || before?.key == "region" && isHere, RegionSpelling.isLikely(key) {
                doubtful.append(index)
            }
        }
        if regions.isEmpty, let first = doubtful.first {
            isUnclear = true
            unknown = unknown ?? words[first].key
            words.take(doubtful)
        }
        if isUnclear {
            region = nil
            question = "Which region, as us-east-1?\(unknown.map { " \"\($0)\" is none that is known here." } ?? "")"
        } else if regions.count > 1 {
            region = nil
            question = "Which region: \(regions.joined(separator: " or "))?"
        } else {
            region = regions.first
            question = nil
        }
    }

    /// Places whose region has another name, so that the default would be wrong.
    private static let places: Set<String> = [
        "africa", "america", "asia", "australia", "bahrain", "brazil", "california", "canada", "china", "dublin", "eu",
        "europe", "france", "frankfurt", "germany", "hyderabad", "india", "ireland", "israel", "italy", "jakarta",
        "japan", "korea", "london", "malaysia", "melbourne", "mexico", "milan", "mumbai", "ohio", "oregon", "osaka",
        "paris", "seoul", "singapore", "spain", "stockholm", "sweden", "switzerland", "sydney", "thailand", "tokyo",
        "uk", "us", "usa", "virginia", "zurich", "z\u{FC}rich",
    ]
}

/// Spellings of apparent regions: mistyped, of another cloud, or invented.
enum RegionSpelling {
    private static let areas = Set(Partition.areas.map { String($0.prefix { $0 != "-" }) })
    private static let continents = ["africa", "america", "asia", "australia", "europe", "gov", "usa", "uk"]
    private static let directions = ["north", "south", "east", "west", "central"]
    private static let joints = ["", "north", "south"]

    /// True if the word can be nothing but a region, at any place: `us-east1`, `eu-centrl-1`, `useast1`, `us-east-1a`,
    /// `xx-north-4`.
    static func isMeant(_ key: String) -> Bool {
        let hasDirection = directions.contains { key.contains($0) }
        if areas.contains(where: { key.hasPrefix($0 + "-") }) { return hasDirection || isShaped(key) }
        return isShaped(key) && hasDirection || isComposed(key) && key.last?.isNumber == true
    }

    /// True if the word is a region right after "in" or "region": `nowhere-7`, `eu-wst`, `uswest`, `westeurope`.
    static func isLikely(_ key: String) -> Bool {
        if isComposed(key) || areas.contains(where: { key.hasPrefix($0 + "-") }) { return true }
        let parts = key.split(whereSeparator: { "-_".contains($0) })
        guard parts.count > 1, let number = parts.last else { return false }
        return isNumber(number) && parts.dropLast().allSatisfy { $0.allSatisfy(\.isLetter) }
    }

    /// True for two to four letters, one or two words and a number.
    private static func isShaped(_ key: String) -> Bool {
        let parts = key.split(separator: "-", omittingEmptySubsequences: false)
        guard (3...4).contains(parts.count), let area = parts.first, let number = parts.last else { return false }
        return (2...4).contains(area.utf8.count) && isNumber(number)
            && parts.dropLast().allSatisfy { part in !part.isEmpty && part.utf8.allSatisfy { 0x61...0x7A ~= $0 } }
    }

    /// True for an area and a direction in either order, with or without separators and a number: `us_east_1`,
    /// `eastus2`.
    private static func isComposed(_ key: String) -> Bool {
        let letters = String(key.filter { !"-_.".contains($0) && !$0.isNumber })
        let ways = directions.flatMap { direction in joints.map { $0 + direction } }
        return (areas + continents).contains { area in
            ways.contains { letters == area + $0 || letters == $0 + area }
        }
    }

    private static func isNumber(_ text: Substring) -> Bool {
        (1...3).contains(text.utf8.count) && text.utf8.allSatisfy { 0x30...0x39 ~= $0 }
    }
}
