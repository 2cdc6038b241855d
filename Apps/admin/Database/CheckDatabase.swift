import ArgumentParser
import BursarConsole
import Reports
import SQLiteStore
import ServerSettings
import Storage

struct CheckDatabase: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Look for damage: schema, pages, references, chain, and counts unlike the records.",
        discussion: """
            Nothing is changed; a server may be running. Some ten seconds for a million
            records. Exit 1 on a flaw, which is named. Where a table, index, trigger or
            view isn't one that Bursar makes, nothing else is read.

            Examples:
              admin database check
              admin database check --database backup.sqlite
            """
    )

    @OptionGroup var shared: SharedOptions
    @Option(help: "text or json.")
    var format = ReportFormat.text

    func run() throws {
        try shared.run { context in
            Priority.yieldToOthers()
            let store = try context.database.open(for: .examination)
            var findings: [Finding] = []
            for check in DatabaseCheck.allCases {
                if StandardStream.errors.isTerminal { context.terminal.note("looking at the \(check.subject) …") }
                findings.append(try finding(check, in: store, isFile: context.database.file != nil))
                // A database of another schema can't be checked further.
                if check == .schema, findings.last?.status == .problem { break }
            }
            let result = Findings(findings)
            switch format {
            case .text:
                try context.terminal.print(result.text(context.terminal.output, columns: context.terminal.width))
            case .json: try context.terminal.print(JSONText.of(result))
            }
            guard result.passed else { throw ExitCode.failure }
        }
    }

    private func finding(_ check: DatabaseCheck, in store: Store, isFile: Bool) throws -> Finding {
        guard let flaw = try store.upkeep.firstFlaw(check) else {
            return .ok(check.subject, check.soundness(isFile: isFile))
        }
        return .problem(check.subject, UserFacingError(flaw, hint: check.remedy(isFile: isFile)))
    }
}

extension DatabaseCheck {
    fileprivate var subject: String {
        switch self {
        case .schema: "schema"
        case .pages: "pages"
        case .references: "references"
        case .chain: "chain"
        case .rollUps: "counts"
        }
    }

    fileprivate func soundness(isFile: Bool) -> String {
        switch self {
        case .schema: "tables, indexes and triggers are those that Bursar makes"
        case .pages where isFile: "SQLite's integrity check finds nothing"
        case .pages: "the server has read no page with a wrong checksum"
        case .references: "every row that another refers to is there"
        case .chain: "every record that is left follows from the one before"
        case .rollUps: "usage counts what the records say"
        }
    }

    fileprivate func remedy(isFile: Bool) -> String {
        switch self {
        case _ where !isFile && self != .rollUps:
            "stop the servers, keep a pg_dump of it, and restore a snapshot; then admin database reconcile --with FILE"
        case .schema: "it was changed by hand, so nothing is vended; keep the file, and restore a backup"
        case .pages, .references: "stop the server, keep the file, and restore a backup: admin database restore FILE"
        case .chain: "the file was edited by hand or is damaged; compare with the server's log and a backup"
        case .rollUps: "reports are wrong there; the records and quotas of other days are not touched by it"
        }
    }
}
