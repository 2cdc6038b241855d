import ArgumentParser
import BursarConsole
import BursarFoundation
import BursarModel
import Reports
import SQLiteStore
import Storage

struct ReconcileDatabase: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile",
        abstract: "Bring back what was revoked after the state that a server was restored to.",
        discussion: """
            After PostgreSQL was restored from a snapshot, keys that were revoked since work
            again. --with names a later state of the same database: a backup, or a copy.
            What it forbids is taken over, each with its record: revoked keys, keys and
            stays that end earlier, disabled researchers, ended sessions, the pause. Nothing
            is allowed that wasn't, and what an operator did here since the snapshot stays.
            What it allows in addition is listed only: keys and researchers that were added
            since, and keys whose restrictions changed.

            A second run has nothing to do. Servers may run; better start them afterwards.

            Examples:
              admin database reconcile --with 2026-11-20.sqlite --dry-run
              admin database reconcile --with 2026-11-20.sqlite
            """
    )

    @OptionGroup var shared: SharedOptions
    @Option(
        help: ArgumentHelp("A later state of the same database, which knows what was revoked.", valueName: "file"),
        completion: .file(),
        transform: PathOption.read
    )
    var with: String
    @Flag(help: "Say what would be taken over, and leave it.")
    var dryRun = false
    @Flag(help: "Don't ask.")
    var yes = false
    @Option(help: "How the differences are listed: table, json or csv.")
    var format = ListFormat.table

    func run() throws {
        try shared.run { context in
            let store = try context.store()
            let later = try SQLiteDatabase(opening: with, for: .examination)
            let state: LaterState
            do {
                state = try store.upkeep.laterState(of: later, at: context.now)
            } catch StoreError.unrelated {
                throw UserFacingError(
                    "\(with) is no later state of \(context.databasePath): they have no record in common",
                    hint: "name a backup or a copy of this database; nothing was changed"
                )
            }
            try RowOutput(rows: state.differences.map(Row.init), whenEmpty: "both allow the same")
                .print(as: format, on: context.terminal)
            context.terminal.note(
                "both have the records up to \(state.common); then there are \(state.last.here - state.common) here, "
                    + "and \(state.last.there - state.common) in \(with)"
            )
            guard !state.restrictions.isEmpty else {
                return context.terminal.note("nothing to take over; nothing was changed")
            }
            if dryRun { return context.terminal.note("nothing was changed: this was a dry run") }
            let count = GroupedNumber.text(state.restrictions.count, "restriction", "restrictions")
            try Confirmation(isGiven: yes).ask("take over \(count)?")
            let taken = try store.upkeep.takeOverRestrictions(of: later, by: context.act)
            report(taken, on: context)
        }
    }

    private func report(_ state: LaterState, on context: AdminContext) {
        let count = GroupedNumber.text(state.restrictions.count, "restriction", "restrictions")
        context.terminal.note("took over \(count), each on record")
        func number(_ kind: LaterState.Difference.Kind) -> Int { state.differences.count { $0.kind == kind } }
        let (issued, added, changed) = (number(.issued), number(.added), number(.changed))
        if added > 0 { context.terminal.note("add again: \(GroupedNumber.text(added, "researcher", "researchers"))") }
        if issued > 0 {
            context.terminal.note("issue again: \(GroupedNumber.text(issued, "key", "keys")); admin keys issue HANDLE")
        }
        if changed > 0 {
            context.terminal.warn(
                UserFacingError(
                    "\(GroupedNumber.text(changed, "key allows", "keys allow")) something else than in \(with)",
                    hint: "admin keys show ID, here and with --database \(with); then admin keys update ID"
                )
            )
        }
    }

    private struct Row: TableRow {
        static let columns: [Table.Column] = [
            .init("id"), .init("researcher"), .init("label"), .init("why"), .init("from"), .init("next"),
        ]

        let id: String?
        let researcher: String?
        let label: String?
        let why: String
        let from: String?
        let next: String

        init(_ difference: LaterState.Difference) {
            id = difference.key?.description
            researcher = difference.researcher
            label = difference.label
            why = difference.kind.rawValue
            from = difference.date.map { Timestamp.string($0) }
            next = difference.isRestriction ? "to be taken over" : "left as it is"
        }

        var cells: [String] { [id ?? "", researcher ?? "", label ?? "", why, from ?? "", next] }
    }
}
