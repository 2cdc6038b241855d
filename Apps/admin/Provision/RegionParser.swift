import AWSAuth

/// Where it is to be used: `in REGION`, `region: REGION`, or a region's name alone.
///
/// What is meant as a region and is none is asked after: the default must not take its place. So is a region that AWS
/// has opened since: it goes in by `--region` of the command that the request would have run.
struct RegionParser {
    let region: String?
    let question: String?

    init(_ words: inout RequestTokens) {
        var regions: [String] = []
        var unknown: String?
        /// May be a region that was meant: "in nowhere-7". One that there is settles it.
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
                // Left to mean what else it may: "region: production" says production.
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

    /// Places whose region has another name, so that taking the default would be wrong.
    private static let places: Set<String> = [
        "africa", "america", "asia", "australia", "bahrain", "brazil", "california", "canada", "china", "dublin", "eu",
        "europe", "france", "frankfurt", "germany", "hyderabad", "india", "ireland", "israel", "italy", "jakarta",
        "japan", "korea", "london", "malaysia", "melbourne", "mexico", "milan", "mumbai", "ohio", "oregon", "osaka",
        "paris", "seoul", "singapore", "spain", "stockholm", "sweden", "switzerland", "sydney", "thailand", "tokyo",
        "uk", "us", "usa", "virginia", "zurich", "z\u{FC}rich",
    ]
}

/// What people write when they mean a region: mistyped, of another cloud, or of no cloud.
enum RegionSpelling {
    private static let areas = Set(Partition.areas.map { String($0.prefix { $0 != "-" }) })
    private static let continents = ["africa", "america", "asia", "australia", "europe", "gov", "usa", "uk"]
    private static let directions = ["north", "south", "east", "west", "central"]
    private static let joints = ["", "north", "south"]

    /// Nothing else, wherever it stands: `us-east1`, `eu-centrl-1`, `useast1`, `us-east-1a`, `xx-north-4`.
    static func isMeant(_ key: String) -> Bool {
        let hasDirection = directions.contains { key.contains($0) }
        if areas.contains(where: { key.hasPrefix($0 + "-") }) { return hasDirection || isShaped(key) }
        return isShaped(key) && hasDirection || isComposed(key) && key.last?.isNumber == true
    }

    /// Right after "in" or "region": `nowhere-7`, `eu-wst`, `uswest`, `westeurope`.
    static func isLikely(_ key: String) -> Bool {
        if isComposed(key) || areas.contains(where: { key.hasPrefix($0 + "-") }) { return true }
        let parts = key.split(whereSeparator: { "-_".contains($0) })
        guard parts.count > 1, let number = parts.last else { return false }
        return isNumber(number) && parts.dropLast().allSatisfy { $0.allSatisfy(\.isLetter) }
    }

    /// Two to four letters, one or two words and a number.
    private static func isShaped(_ key: String) -> Bool {
        let parts = key.split(separator: "-", omittingEmptySubsequences: false)
        guard (3...4).contains(parts.count), let area = parts.first, let number = parts.last else { return false }
        return (2...4).contains(area.utf8.count) && isNumber(number)
            && parts.dropLast().allSatisfy { part in !part.isEmpty && part.utf8.allSatisfy { 0x61...0x7A ~= $0 } }
    }

    /// An area and a direction in either order, with or without marks and a number: `us_east_1`, `eastus2`.
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
