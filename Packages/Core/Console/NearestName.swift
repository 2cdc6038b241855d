/// Which name was meant by one that is misspelled.
package enum NearestName {
    /// The nearest of `names`, when it is near enough that somebody may have meant it.
    package static func of(_ name: String, among names: [String]) -> String? {
        some(of: names, near: name, limit: 1).first
    }

    /// So many of `names` at most that somebody may have meant, the nearest first.
    package static func some(of names: [String], near name: String, limit: Int) -> [String] {
        let folded = Array(name.lowercased().utf8.prefix(100))
        let near = names.map { (name: $0, distance: distance(folded, Array($0.lowercased().utf8))) }
            .filter { $0.distance <= max(2, $0.name.utf8.count / 5) }
            .sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }
        return near.prefix(limit).map(\.name)
    }

    /// How many letters have to be added, removed or changed (Levenshtein).
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (line, letter) in left.enumerated() {
            var diagonal = row[0]
            row[0] = line + 1
            for (place, other) in right.enumerated() {
                let change = diagonal + (letter == other ? 0 : 1)
                diagonal = row[place + 1]
                row[place + 1] = min(change, row[place] + 1, diagonal + 1)
            }
        }
        return row[right.count]
    }
}
