package import ArgumentParser

/// The intended name of a misspelled one.
package enum NearestName {
    /// Returns the nearest of `names`, if it is near enough to be the intended one.
    package static func of(_ name: String, among names: [String]) -> String? {
        some(of: names, near: name, limit: 1).first
    }

    /// Returns the likely candidates among `names`: those that begin with `name`, then the nearest.
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

    /// The number of letters to add, remove or change (Levenshtein).
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

extension CompletionKind {
    /// A completion of names, for the Tab key; `find` gets the words of the command line so far.
    ///
    /// zsh's `_describe` takes what follows a colon for a description, unless a backslash is before it.
    package static func names(_ find: @escaping @Sendable ([String]) -> [String]) -> CompletionKind {
        .custom { words, _, _ in
            let names = find(words)
            return CompletionShell.requesting == .zsh ? names.map { $0.replacing(":", with: #"\:"#) } : names
        }
    }
}
