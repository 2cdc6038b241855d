import ArgumentParser
import BursarConsole
import Reports
import SQLiteStore
import Storage
import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

struct BackUpDatabase: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy the database to a new file while it is in use, and look through the copy.",
        discussion: """
            The copy is one file (mode 0600) and one state of the database, whatever is
            vended meanwhile. It gets its name once it is whole and was checked; a file
            that is there is never replaced. Of a database in PostgreSQL, too, the copy is
            one SQLite file, which every command can read.

            Example:
              admin database backup "/var/backups/bursar/$(date -u +%F).sqlite"
            """
    )

    @OptionGroup var shared: SharedOptions
    @Argument(help: "Where the copy is to be; nothing may be there.", completion: .file(), transform: PathOption.read)
    var file: String

    func run() throws {
        try shared.run { context in
            try context.checkOutput(FilePath(file))
            try Self.checkFolder(of: FilePath(file))
            let store = try context.store()
            Priority.yieldToOthers()
            let signals = StopSignals()
            let backup = try backUp(store.database, by: context.act, signals.interruption)
            context.terminal.note(
                "wrote \(file): \(ByteCount(bytes: backup.bytes)), up to record \(backup.sequence), checked"
            )
            context.terminal.note("it holds names, e-mail addresses and key hashes: keep it as safe as the database")
        }
    }

    private func backUp(
        _ database: any Database,
        by act: AuditContext,
        _ interruption: CancellationFlag
    ) throws -> Backup {
        if let database = database as? SQLiteDatabase {
            return try database.backUp(to: FilePath(file), by: act, interruption)
        }
        let progress = TransferProgress()
        defer { progress.end() }
        return try SQLiteDatabase.backUp(database, to: FilePath(file), by: act, interruption, progress: progress.report)
    }

    /// Checks that the folder exists.
    ///
    /// Otherwise a timer's first run would fail with a file that can't be opened.
    private static func checkFolder(of file: FilePath) throws(UserFacingError) {
        let folder = file.removingLastComponent()
        guard !folder.isEmpty, (try? folder.stat().type) != .directory else { return }
        throw UserFacingError(
            "there is no folder \(folder)",
            hint: "mkdir -m 700 \(folder), as the user who makes the backups"
        )
    }
}

/// The process's priority.
enum Priority {
    /// Lowers it, since vends on this machine matter more than a long read of the database.
    static func yieldToOthers() {
        _ = nice(19)
    }
}
