import BursarConsole

extension ModelAccess {
    /// One model's answer.
    struct Row: TableRow {
        static let columns: [Table.Column] = [
            .init("model"), .init("invoked as"), .init("access"), .init("why", isElastic: true),
            .init("remedy", isElastic: true),
        ]

        let model: String
        let invokedAs: String?
        let access: Access
        let why: String?
        let remedy: String?

        var cells: [String] { [model, invokedAs ?? "", access.rawValue, why ?? "", remedy ?? ""] }
    }

    /// What became of an invocation.
    enum Access: String, Sendable, Encodable {
        /// Just now: while a Marketplace subscription is pending, calls may succeed for a quarter of an hour and then stop.
        case answered
        /// Nobody has subscribed the account to it in AWS Marketplace yet.
        case unsubscribed
        /// Nobody has filled in Anthropic's use-case form for the account.
        case form
        case denied
        case throttled
        /// It is invoked through an inference profile, and the region has none.
        case profile
        /// The region hasn't got it.
        case missing
        case failed

        /// Whether researchers can have it; a busy model is one that they have.
        var isGood: Bool { self == .answered || self == .throttled }
    }

    /// Says what was found: data on stdout, and those that don't answer on stderr.
    ///
    /// - Returns: whether all of them are good.
    static func print(_ rows: [Row], as format: ListFormat, on terminal: Terminal) throws -> Bool {
        try RowOutput(rows: rows, whenEmpty: "no model was asked").print(as: format, on: terminal)
        for access in [Access.unsubscribed, .form] {
            guard let row = rows.first(where: { $0.access == access }), let why = row.why else { continue }
            let count = rows.count { $0.access == access }
            let models = count == 1 ? row.model : "\(row.model) and \(count - 1) more"
            terminal.warn(UserFacingError("\(models): \(why)", hint: row.remedy))
        }
        if rows.contains(where: { $0.access == .answered }) {
            terminal.note(
                "answered is as of now: while a Marketplace subscription is pending, calls may work for 15 minutes and stop"
            )
        }
        return rows.allSatisfy(\.access.isGood)
    }
}
