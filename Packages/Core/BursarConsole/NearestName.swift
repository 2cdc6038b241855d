/// Which name was meant by one that is misspelled.
package enum NearestName {
    /// The nearest of `names`, when it is near enough that somebody may have meant it.
    package static func of(_ name: String, among names: [String]) -> String? {
        some(of: names, near: name, limit: 1).first
    }

    /// So many of `names` at most that somebody may have meant: those that begin with `name`, and then the nearest.
    ///
    /// One letter says nothing of what was meant.
    package static func some(of names: [String], near name: String, limit: Int) -> [String] {
        let folded = Array(name.lowercased().utf8.prefix(100))
        guard folded.count > 1 else { return [] }
        let near = names.compactMap { name -> (rank: Int, distance: Int, name: String)? in
            let other = Array(name.lowercased().utf8)
            let distance = distance(folded, other)
            if other.starts(with: folded) { return (0, distance, name) }
            return distance <= max(2, other.count / 5) ? (1, distance, name) : nil
        }
        return near.sorted { ($0.rank, $0.distance, $0.name) < ($1.rank, $1.distance, $1.name) }.prefix(limit).map(
            \.name
        )
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
