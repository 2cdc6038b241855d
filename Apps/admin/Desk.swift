import Console
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

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What every command is given: the terminal, the database, the server's settings and the time.
struct Desk {
    let terminal: Terminal
    let environment: [String: String]
    let databasePath: String
    let now: Date
    /// One setting at a time: a command that needs one isn't stopped by what is wrong with another.
    let reader: SettingReader
    /// --database and --config as they were typed, for a command to be typed after this one.
    let typed: String
    private let file: SettingsFile?

    /// - Throws: ``Problem``, or ``StoreProblem`` when no database can be named.
    init(_ options: SharedOptions, terminal: Terminal, environment: [String: String], now: Date) throws {
        self.terminal = terminal
        self.environment = environment
        self.now = now
        typed = [("--database", options.database), ("--config", options.config)]
            .map { name, value in value.map { " \(name) \(ShellWord.quoted($0))" } ?? "" }.joined()
        file = try SettingsFile.find(options.config, environment: environment)
        reader = try SettingReader(environment: environment, file: file)
        let configured = try reader.path(.database)?.string
        databasePath = try DatabaseLocation.path(option: options.database ?? configured, environment: environment)
        // With a path on the command line nobody has to be told; a setting may have been forgotten.
        if options.database == nil, configured != nil, StandardStream.errors.isTerminal {
            terminal.aside("database: \(databasePath)")
        }
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
    var act: Act { Act(actor: Actor.current(environment).description, date: now) }

    /// The server's settings, all of them; complete or refused.
    func settings() throws(Problem) -> Settings {
        try Settings(environment: environment, file: file)
    }
}
