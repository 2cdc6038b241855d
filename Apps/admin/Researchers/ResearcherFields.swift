import BursarCore
import Console

/// Facts about a person, as options and columns give them; `name` is how the place is called, and nil for an argument.
enum ResearcherFields {
    static func handle(_ text: String, _ name: String? = nil) throws(Problem) -> Handle {
        guard let handle = Handle(text.trimmingBlanks()) else {
            let said = "\"\(ControlText.brief(text))\" can't be a handle: AWS would refuse it as a session name"
            let hint = "use 2 to 64 letters, digits and _ + = , . @ -"
            guard let name else { throw Problem.misuse(said, hint: hint) }
            throw Problem.value(of: name, said, hint: hint)
        }
        return handle
    }

    /// Text of one line that isn't empty.
    static func line(_ text: String, _ name: String, limit: Int = 256) throws(Problem) -> String {
        let line = text.trimmingBlanks()
        guard !line.isEmpty, line.utf8.count <= limit else {
            throw Problem.value(of: name, "is empty or longer than \(limit) bytes")
        }
        guard line.unicodeScalars.allSatisfy({ !Self.breaksLines($0) }) else {
            throw Problem.value(of: name, "has a control character or a line break in it", hint: "write it on one line")
        }
        return line
    }

    /// An address, or the link to one that a spreadsheet or a web page has in its place.
    static func email(_ text: String, _ name: String) throws(Problem) -> String {
        var email = try line(text, name)
        let scheme = "mailto:"
        if email.lowercased().hasPrefix(scheme) { email.removeFirst(scheme.count) }
        let sides = email.split(separator: "@", omittingEmptySubsequences: false)
        guard sides.count == 2, sides.allSatisfy({ !$0.isEmpty }), !email.contains(where: \.isWhitespace),
            !email.contains(":"), ControlText.visible(email) == email
        else {
            throw Problem.value(
                of: name,
                "\"\(ControlText.brief(email))\" is not an e-mail address",
                hint: "it looks like ada@example.edu"
            )
        }
        return email
    }

    static func sponsor(_ text: String, _ name: String) throws(Problem) -> String {
        try line(text, name)
    }

    static func note(_ text: String, _ name: String) throws(Problem) -> String {
        try line(text, name, limit: 1024)
    }

    private static func breaksLines(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}

/// `work(value)`, or nil where there is no value.
func given<Value, Result>(
    _ value: Value?,
    _ work: (Value) throws(Problem) -> Result
) throws(Problem) -> Result? {
    guard let value else { return nil }
    return try work(value)
}
