/// Which name was meant by one that is misspelled.
package enum NearestName {
    /// The nearest of `names`, when it is near enough that somebody may have meant it.
    package static func of(_ name: String, among names: [String]) -> String? {
        let folded = Array(name.lowercased().utf8.prefix(100))
        let distances = names.map { (name: $0, distance: distance(folded, Array($0.lowercased().utf8))) }
        guard let nearest = distances.min(by: { $0.distance < $1.distance }) else { return nil }
        return nearest.distance <= max(2, nearest.name.utf8.count / 5) ? nearest.name : nil
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
