/// Splits a command as a POSIX shell would, and does nothing else that a shell does (Python's `shlex.split`).
///
/// Blanks separate; single quotes keep all; in double quotes a backslash escapes only `"` and itself; outside, anything.
package enum ShellWords {
    package enum ParseError: Error {
        case openQuote
        case endsInBackslash
    }

    package static func split(_ text: String) throws(ParseError) -> [String] {
        var words: [String] = []
        var word: String.UnicodeScalarView?
        var quote: Unicode.Scalar?
        var isEscaped = false
        for scalar in text.unicodeScalars {
            if isEscaped {
                // In double quotes the backslash stays before what it doesn't escape.
                if let quote, scalar != quote, scalar != "\\" { word?.append("\\") }
                word = (word ?? .init())
                word?.append(scalar)
                isEscaped = false
            } else if scalar == "\\", quote != "'" {
                word = word ?? .init()
                isEscaped = true
            } else if let open = quote {
                if scalar == open { quote = nil } else { word?.append(scalar) }
            } else if scalar == "'" || scalar == "\"" {
                word = word ?? .init()
                quote = scalar
            } else if scalar == " " || scalar == "\t" || scalar == "\r" || scalar == "\n" {
                if let done = word { words.append(String(done)) }
                word = nil
            } else {
                word = word ?? .init()
                word?.append(scalar)
            }
        }
        if isEscaped { throw .endsInBackslash }
        if quote != nil { throw .openQuote }
        if let word { words.append(String(word)) }
        return words
    }
}
