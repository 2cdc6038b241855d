import BursarConsole
import BursarFoundation
import Enrollment
import SQLiteStore
import ServerSettings
import Storage
import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The context of a command: terminal, database, server settings and time.
struct AdminContext {
    let terminal: Terminal
    let environment: [String: String]
    let database: DatabaseSettings
    let now: Date
    /// Reads one setting at a time, so that a fault in one setting doesn't stop a command that needs another.
    let reader: SettingReader
    /// --database and --config as typed, for a follow-up command.
    let typed: String
    private let readable: ReadableSettings

    /// The effect on a command of a fault in the settings as a whole, such as a misspelt name or a broken file.
    enum FaultySettings {
        /// The command doesn't run.
        case refused
        /// The command does what it can and reports the fault at its end. For commands that prevent damage.
        case reportedAtTheEnd
    }

    /// - Throws: ``UserFacingError``, or ``StoreError`` when no database path can be determined.
    init(
        _ options: SharedOptions,
        terminal: Terminal,
        environment: [String: String],
        now: Date,
        faultySettings: FaultySettings = .refused
    ) throws {
        self.terminal = terminal
        self.environment = environment
        self.now = now
        typed = [("--database", options.database), ("--config", options.config)]
            .map { name, value in value.map { " \(name) \(ShellWord.quoted($0))" } ?? "" }.joined()
        readable =
            switch faultySettings {
            case .refused: try ReadableSettings(sound: options.config, environment: environment)
            case .reportedAtTheEnd: ReadableSettings(pastFaults: options.config, environment: environment)
            }
        reader = readable.reader
        if options.database == nil, let fault = readable.fault(hiding: .database) {
            throw UserFacingError(
                "which database is meant can't be told: \(fault.problem.problem)",
                hint: "name it with --database FILE; what is wrong with the settings then stops nothing"
            )
        }
        database = try DatabaseSettings(option: options.database, reader, environment: environment)
        let configured = options.database == nil ? reader.text(.database) : nil
        // A path on the command line needs no note; a setting may have been forgotten.
        let isForgettable = options.database == nil && configured != nil && StandardStream.errors.isTerminal
        if isForgettable || options.database == nil && !readable.faults.isEmpty {
            terminal.aside("database: \(databasePath)")
        }
    }

    var hasFaultySettings: Bool { !readable.faults.isEmpty }

    /// Warns of every fault that the command tolerated.
    func warnOfFaultySettings() {
        for fault in readable.faults { terminal.warn(fault.problem) }
    }

    /// Returns the fault that may hide a setting that seems unset; nil when there is none.
    func fault(hiding setting: Setting) -> UserFacingError? {
        readable.fault(hiding: setting)?.problem
    }

    /// The database's path, or its address: what messages name it by.
    var databasePath: String { database.name }

    /// Opens the database, which must exist; no command but `database init` creates one.
    func store() throws -> Store {
        let store = try database.open(
            for: .console,
            now: { [now] in now },
            report: { [terminal] in terminal.note($0) }
        )
        if getuid() == 0, let path = database.file, let owner = DatabaseFiles(of: path).owner, owner.rawValue != 0 {
            terminal.note("as root, on a database of the user with the id \(owner.rawValue)")
        }
        return store
    }

    /// The operator and time, for the audit log.
    var act: AuditContext {
        AuditContext(actor: Actor.current(environment, databaseUser: database.personalLogin).description, date: now)
    }

    /// Returns all of the server's settings.
    ///
    /// - Throws: ``UserFacingError`` for any fault in them.
    func settings() throws(UserFacingError) -> Settings {
        if let fault = readable.faults.first { throw fault.problem }
        return try Settings(environment: environment, file: readable.file)
    }

    /// The expiry of keys, within the settings' limits.
    func keyExpiry() throws(UserFacingError) -> KeyExpiry {
        KeyExpiry(try KeyRules(reader), at: now)
    }
}
