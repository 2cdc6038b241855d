/// What a file of newcomers may say of each; the help lists them in this order.
enum ImportColumn: String, CaseIterable {
    case handle, name, email, project
    case sponsor, note, until, label, expires, ip, models
    case dailyLimit = "daily-limit"
    case rate, session

    /// What must be filled in of somebody who isn't known yet.
    static let required: [ImportColumn] = [.handle, .name, .email, .project]

    /// A title as spreadsheets spell it.
    init?(title: String) {
        self.init(rawValue: title.lowercased().replacing(" ", with: "-").replacing("_", with: "-"))
    }
}
