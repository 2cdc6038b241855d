import Console

/// What a key is for, as lists show it.
enum KeyLabel {
    static func read(_ text: String, _ name: Problem.Place) throws(Problem) -> String {
        try ResearcherFields.line(text, name, limit: 128)
    }
}
