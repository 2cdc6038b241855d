import AWSOperations
import BursarConsole
import Reports

extension ModelAccess {
    /// Invokes each model once, and shows how many have answered.
    func checkShowingProgress(_ candidates: [Candidate]) async throws -> [Row] {
        let progress = Progress("asked")
        defer { progress.end() }
        return try await check(candidates) { progress.report(Int64($0), of: Int64($1)) }
    }

    /// Prints the results: rows on standard output, warnings for failures on standard error.
    ///
    /// - Returns: true if all models are usable.
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

extension ModelAccess.Row: TableRow {
    static let columns: [Table.Column] = [
        .init("model"), .init("invoked as"), .init("access"), .init("why", isElastic: true),
        .init("remedy", isElastic: true),
    ]

    var cells: [String] { [model, invokedAs ?? "", access.rawValue, why ?? "", remedy ?? ""] }
}
