import ArgumentParser
import BursarConsole
import BursarModel
import Reports
import SQLiteStore
import ServerSettings
import Storage
import SystemPackage

struct RestoreDatabase: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Restore the database from a backup, where there is none.",
        discussion: #"""
            Keys that were revoked after the backup would work again. So the researchers
            of all keys that are active in it are disabled, until you have looked:
            `admin researchers enable HANDLE`, or --disabled-by-restore for all.
            --compare names a database that knows better: what was revoked or disabled
            there is taken over, and only researchers with a key that isn't exactly so
            there are disabled. --keep-active disables nobody else. Each key is listed
            either way, also those that only the other database has.

            The backup is checked first and only read; one of an older version is
            migrated. Stop the server before. A database in PostgreSQL is restored by its
            own server; then see `admin database reconcile`.

            Examples:
              admin database restore 2026-11-20.sqlite
              mv bursar.sqlite damaged.sqlite
              admin database restore 2026-11-20.sqlite --compare damaged.sqlite
            """#
    )

    @OptionGroup var shared: SharedOptions
    @Argument(help: "The backup.", completion: .file(), transform: PathOption.read)
    var file: String
    @Option(
        help: ArgumentHelp(
            "A later state of the same database, which knows what was revoked since.",
            valueName: "file"
        ),
        completion: .file(),
        transform: PathOption.read
    )
    var compare: String?
    @Flag(help: "Disable no researcher whose keys are in doubt.")
    var keepActive = false
    @Option(help: "How the keys are listed: table, json or csv.")
    var format = ListFormat.table

    func run() throws {
        try shared.run { context in
            guard let target = context.database.file else {
                throw UserFacingError(
                    "\(context.databasePath) is on a server, which restores its own snapshots",
                    hint: "restore one there; then `admin database reconcile --with FILE` brings later revocations back"
                )
            }
            let present = try compare.map { try SQLiteDatabase(opening: $0, for: .console) }
            let signals = StopSignals()
            let restored = try SQLiteDatabase.restore(
                FilePath(file),
                to: target,
                comparingWith: present,
                keepsActive: keepActive,
                by: context.act,
                signals.interruption
            )
            let rows =
                restored.keys.map(Row.init) + restored.missingResearchers.map { Row(missingResearcher: $0) }
            try RowOutput(rows: rows, whenEmpty: "every key goes on as it did").print(as: format, on: context.terminal)
            report(restored, on: context)
        }
    }

    private func report(_ restored: Restoration, on context: AdminContext) {
        let time = restored.last.map { " of \(Timestamp.string($0))" } ?? ""
        context.terminal.note("restored \(context.databasePath) as it was at record \(restored.sequence)\(time)")
        if restored.unchanged > 0 { context.terminal.note("work as they did: \(Self.count(restored.unchanged))") }
        func keys(_ outcome: RestoredKey.Outcome) -> [RestoredKey] { restored.keys.filter { $0.outcome == outcome } }
        let (revoked, active, missing) = (keys(.revoked), keys(.active), keys(.missing))
        if !revoked.isEmpty { context.terminal.note("revoked, as since the backup: \(Self.count(revoked.count))") }
        let stopped = keys(.disabled).filter { $0.doubt != .disabled }
        if !stopped.isEmpty {
            let handles = Set(stopped.map(\.researcher)).count
            let researchers = handles == 1 ? "1 researcher" : "\(handles) researchers"
            context.terminal.note(
                "disabled: \(researchers) with \(Self.count(stopped.count)); "
                    + "revoke what should not work, then: admin researchers enable --disabled-by-restore"
            )
        }
        if !active.isEmpty {
            context.terminal.warn(
                UserFacingError(
                    "\(Self.count(active.count)) may have been revoked since and can be used",
                    hint: "admin keys revoke ID for each that should not"
                )
            )
        }
        if !restored.missingResearchers.isEmpty {
            context.terminal.note("add again: \(restored.missingResearchers.joined(separator: ", "))")
        }
        if !missing.isEmpty {
            context.terminal.note("issued since the backup: \(Self.count(missing.count)); admin keys issue HANDLE")
        }
    }

    private static func count(_ keys: Int) -> String { keys == 1 ? "1 key" : "\(keys) keys" }

    private struct Row: TableRow {
        static let columns: [Table.Column] = [
            .init("id"), .init("researcher"), .init("label"), .init("why"), .init("now"),
        ]

        let id: String?
        let researcher: String
        let label: String?
        let why: String
        let state: String

        init(_ key: RestoredKey) {
            id = key.id.description
            researcher = key.researcher
            label = key.label
            why = key.doubt.rawValue
            state = key.outcome.rawValue
        }

        init(missingResearcher handle: String) {
            id = nil
            researcher = handle
            label = nil
            why = "added since"
            state = RestoredKey.Outcome.missing.rawValue
        }

        var cells: [String] { [id ?? "", researcher, label ?? "", why, state] }
    }
}
