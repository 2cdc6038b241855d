import ArgumentParser
import BursarConsole
import BursarModel
import PostgresStore
import Reports
import ServerSettings
import Storage
import SystemPackage

struct CopyDatabase: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "copy",
        abstract: "Copy a whole database into a new one, of SQLite or PostgreSQL.",
        discussion: """
            FROM and TO are files or postgres:// addresses. The copy is one state of FROM,
            which is only read. It is checked row by row, and there as a whole or not at
            all: of TO there may be no file, or a database without data on a server, where
            the tables are made if there are none.

            To move: stop the servers (or `admin vending pause`, which stops vends alone),
            copy, have BURSAR_DATABASE name the new one for servers and operators, and
            start them. What is recorded in FROM after the copy began is not in it.

            The password of an address is in the file that --from-password-file or
            --to-password-file names, else as the settings say.

            Examples:
              admin database copy bursar.sqlite "postgres://bursar_admin@localhost/bursar"
              admin database copy "postgres://bursar_admin@localhost/bursar" back.sqlite
            """
    )

    @OptionGroup var shared: SharedOptions
    @Argument(help: "The database to copy.", completion: .file(), transform: PathOption.readDatabase)
    var from: String
    @Argument(
        help: "The place of the new one; nothing may be there.",
        completion: .file(),
        transform: PathOption.readDatabase
    )
    var to: String
    @Option(
        help: ArgumentHelp("The file with the password for FROM.", valueName: "file"),
        completion: .file(),
        transform: PathOption.read
    )
    var fromPasswordFile: String?
    @Option(
        help: ArgumentHelp("The file with the password for TO.", valueName: "file"),
        completion: .file(),
        transform: PathOption.read
    )
    var toPasswordFile: String?
    @Option(help: "text or json.")
    var format = ReportFormat.text

    func validate() throws {
        if shared.database != nil { throw ValidationError("copy takes FROM and TO, not --database") }
        for (file, place, option) in [
            (fromPasswordFile, from, "--from-password-file"), (toPasswordFile, to, "--to-password-file"),
        ] where file != nil && !PostgresAddress.isAddress(place) {
            throw ValidationError("\(option) goes with a postgres:// address")
        }
    }

    func run() throws {
        try shared.run { context in
            let source = try settings(from, "FROM", fromPasswordFile, context)
            let target = try settings(to, "TO", toPasswordFile, context)
            guard !source.isSamePlace(as: target) else {
                throw UserFacingError("FROM and TO are the same database", hint: "name a new place for the copy")
            }
            let store = try source.open(for: .console)
            try checkServers(of: source, store, context)
            let copied = try copy(store, to: target)
            switch format {
            case .text: report(copied, source, target, context)
            case .json: try context.terminal.print(JSONText.of(Summary(copied, source, target)))
            }
        }
    }

    private func settings(
        _ text: String,
        _ name: String,
        _ passwordFile: String?,
        _ context: AdminContext
    ) throws -> DatabaseSettings {
        try DatabaseSettings(
            option: text,
            named: name,
            passwordFile: passwordFile.map { FilePath($0) },
            context.reader,
            environment: context.environment
        )
    }

    /// Refuses while servers vend from the source: what they record after the copy began would be lost with it.
    private func checkServers(of source: DatabaseSettings, _ store: Store, _ context: AdminContext) throws {
        let servers = try source.servers(on: store.database)
        guard !servers.isEmpty else { return }
        let names = servers.joined(separator: ", ")
        guard try store.lists.pausedSince() != nil else {
            throw UserFacingError(
                "a server vends from \(source.name) (\(names)): what it records from now on would not be in the copy",
                hint: "stop it, or `admin vending pause`, and copy again; `admin database backup` copies while it vends"
            )
        }
        context.terminal.note(
            "vending is paused, but a server works on \(source.name) (\(names)): "
                + "refusals that it records from now on are not in the copy"
        )
    }

    private func copy(_ store: Store, to target: DatabaseSettings) throws -> CopiedDatabase {
        let signals = StopSignals()
        let progress = TransferProgress()
        defer { progress.end() }
        let transfer = DatabaseTransfer(from: store.database, signals.interruption, progress: progress.report)
        do {
            return try target.make(signals.interruption) { db in
                let copied = try transfer.run(into: db)
                try transfer.checkSoundness(of: copied, in: db)
                return copied
            }
        } catch TransferError.targetInUse {
            throw UserFacingError(
                "\(target.name) holds data, which no copy replaces",
                hint: "name a new database: one that `admin database init` has just made, or an empty one"
            )
        }
    }

    private func report(
        _ copied: CopiedDatabase,
        _ source: DatabaseSettings,
        _ target: DatabaseSettings,
        _ context: AdminContext
    ) {
        let counts = [
            ("researchers", "researcher", "researchers"), ("keys", "key", "keys"), ("records", "record", "records"),
        ].map { table, one, many in GroupedNumber.text(Int(copied.rows(table)), one, many) }
        let head = "\(copied.head.sequence) \(copied.head.hash)"
        context.terminal.note("copied \(counts.joined(separator: ", ")) with all counts; each row was compared")
        context.terminal.note("head of \(source.name): \(head)")
        context.terminal.note("head of \(target.name): \(head)")
        context.terminal.note("next: have BURSAR_DATABASE name the new one, for every server and operator")
        if copied.paused != nil {
            context.terminal.note("vending is paused there too: admin vending resume, once the servers use it")
        }
    }

    private struct Summary: Encodable {
        let from: String
        let to: String
        let rows: [String: Int64]
        let chainSequence: Int64
        let chainHead: String
        let isPaused: Bool

        init(_ copied: CopiedDatabase, _ source: DatabaseSettings, _ target: DatabaseSettings) {
            (from, to) = (source.name, target.name)
            rows = Dictionary(uniqueKeysWithValues: copied.tables.map { ($0.name, $0.rows) })
            chainSequence = copied.head.sequence
            chainHead = copied.head.hash
            isPaused = copied.paused != nil
        }
    }
}

/// The progress of a copy: of its rows first, then of the check.
final class TransferProgress: Sendable {
    private let copied = Progress("copied")
    private let checked = Progress("checked")

    @Sendable func report(_ step: DatabaseTransfer.Step, _ rows: Int64, of total: Int64) {
        switch step {
        case .copying: copied.report(rows, of: total)
        case .checking:
            if rows < total { copied.end() }
            checked.report(rows, of: total)
        }
    }

    func end() {
        copied.end()
        checked.end()
    }
}
