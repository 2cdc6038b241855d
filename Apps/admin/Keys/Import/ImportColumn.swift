/// What a file of newcomers may say of each; the help lists them in this order.
enum ImportColumn: String, CaseIterable {
    case handle, name, email, project
    case sponsor, note, until, label, expires, ip, models
    case dailyLimit = "daily-limit"
    case rate, session

    /// What must be filled in of somebody who isn't known yet.
    static let required: [ImportColumn] = [.handle, .name, .email, .project]

    /// Other names of columns, of letters alone.
    private static let aliases: [String: ImportColumn] = [
        "mail": .email, "emailaddress": .email, "mailaddress": .email,
    ]

    /// A title as spreadsheets spell it: `E-Mail`, `Daily limit`.
    init?(title: String) {
        func letters(_ text: String) -> String { text.lowercased().filter { !" -_".contains($0) } }
        let title = letters(title)
        guard let column = Self.allCases.first(where: { letters($0.rawValue) == title }) ?? Self.aliases[title] else {
            return nil
        }
        self = column
    }
}
