/// Where it is to be used: `in REGION`, `region: REGION`, or a region's name alone.
struct RegionReading {
    let region: String?
    let question: String?

    init(_ words: inout RequestWords) {
        var regions: [String] = []
        var isUnclear = false
        for index in words.indices where !words[index].isTaken {
            let key = words[index].key
            let before = words.indices.contains(index - 1) ? words[index - 1] : nil
            let isLabelled =
                before?.key == "region" && (before?.isLabel == true || before?.clause == words[index].clause)
            let isPlaced = before?.key == "in" && before?.clause == words[index].clause
            if Self.isKnown(key) || (isLabelled || isPlaced) && Self.isRegion(key) {
                if words.isNegated(index) { isUnclear = true }
                if !regions.contains(key) { regions.append(key) }
                words.take([index])
                if isPlaced { words.take([index - 1]) }
            } else if Self.isAlmost(key) || isPlaced && Self.places.contains(key) {
                isUnclear = true
                words.take([index])
            } else if before?.key == "region", before?.isLabel == true {
                // Left to mean what else it may: "region: production" says production.
                isUnclear = true
            }
        }
        if isUnclear {
            region = nil
            question = "Which region, as us-east-1?"
        } else if regions.count > 1 {
            region = nil
            question = "Which region: \(regions.joined(separator: " or "))?"
        } else {
            region = regions.first
            question = nil
        }
    }

    /// Two or three letters, one or two words and a number, as `us-gov-west-1`.
    ///
    /// New ones come, so there is no list.
    static func isRegion(_ key: String) -> Bool {
        let parts = key.split(separator: "-", omittingEmptySubsequences: false)
        guard (3...4).contains(parts.count), let area = parts.first, let number = parts.last else { return false }
        return (2...3).contains(area.utf8.count) && (1...2).contains(number.utf8.count) && number.first != "0"
            && number.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
            && parts.dropLast().allSatisfy { part in
                !part.isEmpty && part.utf8.allSatisfy { UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 }
            }
    }

    /// One that can't be anything else, wherever it stands.
    private static func isKnown(_ key: String) -> Bool {
        guard isRegion(key), areas.contains(where: { key.hasPrefix($0 + "-") }) else { return false }
        return directions.contains { key.contains($0) }
    }

    /// Meant as one, and mistyped: `us-east1`, `us-est-1`.
    private static func isAlmost(_ key: String) -> Bool {
        guard areas.contains(where: { key.hasPrefix($0 + "-") }) else { return false }
        return directions.contains { key.contains($0) } || isRegion(key)
    }

    private static let areas = ["af", "ap", "ca", "cn", "eu", "il", "me", "mx", "sa", "us"]
    private static let directions = ["north", "south", "east", "west", "central"]
    /// Places whose region has another name, so that taking the default would be wrong.
    private static let places: Set<String> = [
        "africa", "america", "asia", "australia", "bahrain", "brazil", "california", "canada", "china", "dublin", "eu",
        "europe", "france", "frankfurt", "germany", "hyderabad", "india", "ireland", "israel", "italy", "jakarta",
        "japan", "korea", "london", "malaysia", "melbourne", "mexico", "milan", "mumbai", "ohio", "oregon", "osaka",
        "paris", "seoul", "singapore", "spain", "stockholm", "sweden", "switzerland", "sydney", "thailand", "tokyo",
        "uk", "us", "usa", "virginia", "zurich", "z\u{FC}rich",
    ]
}
