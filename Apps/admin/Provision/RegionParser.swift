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
