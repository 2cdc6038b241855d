/// Text for people that is longer than a line, broken at blanks where a terminal would break it amid a word.
package enum Paragraph {
    /// `text` in lines of at most `width` columns.
    ///
    /// A word that has no room stays whole: a path or an address that a reader copies must not get a line end. Commands
    /// are better not given here at all, for the same reason.
    ///
    /// - Parameters:
    ///   - text: without line ends and decoration.
    ///   - width: of the terminal; nil where there is none, and the text is one line.
    ///   - first: columns that are taken on the first line already.
    ///   - hanging: blanks before each further line; fewer where that leaves too little room.
    /// - Returns: the lines, joined; the first without blanks before it.
    package static func wrapped(_ text: String, width: Int?, first: Int = 0, hanging: Int = 0) -> String {
        guard let width, first + DisplayWidth.of(text) > width else { return text }
        let hanging = width - hanging < least ? min(hanging, 2) : hanging
        var lines = [""]
        var room = width - first
        var used = 0
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            let length = DisplayWidth.of(word)
            if used > 0, used + 1 + length > room {
                lines.append(String(word))
                room = width - hanging
                used = length
            } else {
                // The blank that parts it from the word before; at the beginning of a line there is none.
                let blank = used > 0 ? 1 : 0
                lines[lines.count - 1] += (blank == 1 ? " " : "") + word
                used += blank + length
            }
        }
        return lines.joined(separator: "\n" + String(repeating: " ", count: hanging))
    }

    /// The least columns of text for which an indentation is worth its room.
    package static let least = 30
}

/// Paths below the home folder as people know them: `~/.aws/config`.
package enum HomePath {
    /// `text` with `~` for each path of `home` that begins a word.
    ///
    /// - Parameters:
    ///   - text: what is to be shown.
    ///   - home: absolute; nil when it isn't known.
    ///   - isCommand: whether a shell is to read it: inside of quotes `~` means nothing, so paths stay whole there.
    /// - Returns: the text, shortened.
    package static func shown(_ text: String, home: String?, isCommand: Bool = false) -> String {
        guard let home, home.utf8.count > 1, home.first == "/", home.last != "/" else { return text }
        var result = ""
        var rest = text[...]
        while let range = rest.firstRange(of: home) {
            result += rest[..<range.lowerBound]
            let before = result.last
            let after = rest[range.upperBound...].first
            let beginsWord = before.map { $0 == " " || $0 == "(" } ?? true
            let endsName = after.map { $0 == "/" || $0 == " " || $0 == "," || $0 == ":" || $0 == ")" } ?? true
            let isQuoted = isCommand && ["'", "\""].contains { mark in result.count { $0 == mark } % 2 == 1 }
            result += beginsWord && endsName && !isQuoted ? "~" : home
            rest = rest[range.upperBound...]
        }
        return result + rest
    }
}
