import BursarConsole

/// What a key is for, as lists show it.
enum KeyLabel {
    static func read(_ text: String, _ name: UserFacingError.Place) throws(UserFacingError) -> String {
        try ResearcherFields.line(text, name, limit: 128)
    }
}
