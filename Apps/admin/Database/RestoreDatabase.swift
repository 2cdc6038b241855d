import ArgumentParser
import BursarCore
import Console
import Storage
import SystemPackage

struct RestoreDatabase: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Make the database anew from a backup, where there is none.",
        discussion: #"""
            Keys that were revoked after the backup would work again. So all keys that are
            active in it are revoked, and those of researchers who are switched off in it,
            unless --compare names a database that knows better: then only those that
            aren't exactly so there, and vending stays stopped if it was stopped there.
            --keep-active revokes none. Each is listed either way.

            The backup is checked first and only read; one of an older version is
            migrated. Stop the server before.

            Examples:
              admin database restore 2026-11-20.sqlite
              mv bursar.sqlite damaged.sqlite
              admin database restore 2026-11-20.sqlite --compare damaged.sqlite
            """#
    )

    @OptionGroup var shared: SharedOptions
    @Argument(help: "The backup.")
    var file: String
    @Option(
        help: ArgumentHelp("A later state of the same database, which knows what was revoked since.", valueName: "file")
    )
    var compare: String?
    @Flag(help: "Revoke nothing.")
    var keepActive = false
    @Option(help: "How the keys are listed: table, json or csv.")
    var format = ListFormat.table

    func run() throws {
        try shared.run { desk in
            let present = try compare.map { try Store(opening: $0, patience: Store.operatorPatience) }
            let signals = Signals()
            let restored = try Store.restore(
                FilePath(file),
                to: desk.databasePath,
                comparingWith: present,
                keepsActive: keepActive,
                by: desk.act,
                signals.interruption
            )
            let rows = restored.revived.map { Row($0, isRevoked: !keepActive) }
            try Listing(rows: rows, whenEmpty: "no key came back to life").print(as: format, on: desk.terminal)
            report(restored, on: desk)
        }
    }

    private func report(_ restored: Restoration, on desk: Desk) {
        let time = restored.last.map { " of \(Timestamp.string($0))" } ?? ""
        desk.terminal.note("restored \(desk.databasePath) as it was at record \(restored.sequence)\(time)")
        if restored.unchanged > 0 { desk.terminal.note("work as they did: \(Self.count(restored.unchanged))") }
        guard !restored.revived.isEmpty else { return }
        if keepActive {
            desk.terminal.warn(
                Problem(
                    "\(Self.count(restored.revived.count)) may have been revoked since and can be used",
                    hint: "admin keys revoke ID for each that should not"
                )
            )
        } else {
            desk.terminal.note(
                "revoked: \(Self.count(restored.revived.count)); issue new ones: admin keys issue HANDLE"
            )
        }
    }

    private static func count(_ keys: Int) -> String { keys == 1 ? "1 key" : "\(keys) keys" }

    private struct Row: Listed {
        static let columns: [Table.Column] = [
            .init("id"), .init("researcher"), .init("label"), .init("why"), .init("now"),
        ]

        let id: String
        let researcher: String
        let label: String?
        let why: String
        let state: String

        init(_ key: RevivedKey, isRevoked: Bool) {
            id = key.id.description
            researcher = key.researcher
            label = key.label
            why = key.doubt.rawValue
            state = isRevoked ? "revoked" : "active"
        }

        var cells: [String] { [id, researcher, label ?? "-", why, state] }
    }
}
