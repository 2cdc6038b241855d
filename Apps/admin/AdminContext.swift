import BursarConsole
import BursarFoundation
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

/// What every command is given: the terminal, the database, the server's settings and the time.
struct AdminContext {
    let terminal: Terminal
    let environment: [String: String]
    let databasePath: String
    let now: Date
    /// One setting at a time: a command that needs one isn't stopped by what is wrong with another.
    let reader: SettingReader
    /// --database and --config as they were typed, for a command to be typed after this one.
    let typed: String
    private let readable: ReadableSettings

    /// What a fault of the settings as a whole, such as a misspelt name or a broken file, means for a command.
    enum FaultySettings {
        /// It doesn't run.
        case refused
        /// It does what it can without them, and says at its end what is wrong: for what keeps damage away.
        case toldAtTheEnd
    }

    /// - Throws: ``UserFacingError``, or ``StoreError`` when no database can be named.
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
            case .toldAtTheEnd: ReadableSettings(pastFaults: options.config, environment: environment)
            }
        reader = readable.reader
        if options.database == nil, let fault = readable.fault(hiding: .database) {
            throw UserFacingError(
                "which database is meant can't be told: \(fault.problem.problem)",
                hint: "name it with --database FILE; what is wrong with the settings then stops nothing"
            )
        }
        let configured = options.database == nil ? try reader.path(.database)?.string : nil
        databasePath = try DatabaseLocation.path(option: options.database ?? configured, environment: environment)
        // With a path on the command line nobody has to be told; a setting may have been forgotten.
        let isForgettable = options.database == nil && configured != nil && StandardStream.errors.isTerminal
        if isForgettable || options.database == nil && !readable.faults.isEmpty {
            terminal.aside("database: \(databasePath)")
        }
    }

    var hasFaultySettings: Bool { !readable.faults.isEmpty }

    /// Warns of every fault that the command went on in spite of.
    func tellFaultySettings() {
        for fault in readable.faults { terminal.warn(fault.problem) }
    }

    /// The fault that may hide a setting that seems unset; nil when there is none.
    func fault(hiding setting: Setting) -> UserFacingError? {
        readable.fault(hiding: setting)?.problem
    }

    /// The database, which must exist: a new one is never made by surprise.
    func store() throws -> Store {
        let store = try Store(opening: databasePath, for: .console)
        if getuid() == 0, let owner = DatabaseFiles(of: databasePath).owner, owner.rawValue != 0 {
            terminal.note("as root, on a database of the user with the id \(owner.rawValue)")
        }
        return store
    }

    /// Who does what is done, and when, for the record.
    var act: AuditContext { AuditContext(actor: Actor.current(environment).description, date: now) }

    /// The server's settings, all of them; complete or refused.
    func settings() throws(UserFacingError) -> Settings {
        if let fault = readable.faults.first { throw fault.problem }
        return try Settings(environment: environment, file: readable.file)
    }
}
