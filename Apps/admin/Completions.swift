import ArgumentParser
import BursarConsole
import BursarFoundation
import BursarModel
import SQLiteStore
import ServerSettings
import Storage
import Vending

/// Prints the completion script of a shell.
struct Completions: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print a completion script for bash, zsh or fish.",
        discussion: """
            Examples:
              admin completions bash > ~/.local/share/bash-completion/completions/admin
              admin completions zsh > ~/.zfunc/_admin
              admin completions fish > ~/.config/fish/completions/admin.fish

            Make the folder first (mkdir -p) where it isn't there, and start a new shell.
            zsh looks into ~/.zfunc when ~/.zshrc says so before compinit: fpath=(~/.zfunc
            $fpath). Handles, ids of keys and projects are completed from the database.
            """
    )

    enum Shell: String, CaseIterable, ExpressibleByArgument {
        case bash
        case zsh
        case fish

        fileprivate var parsers: CompletionShell {
            switch self {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        }
    }

    @Argument(help: "Which shell.")
    var shell: Shell

    func run() throws {
        print(Admin.completionScript(for: shell.parsers))
    }
}

extension CompletionKind {
    /// The handles of all researchers.
    static var handles: CompletionKind {
        .names { words in names(words) { try $0.lists.researchers().map(\.handle.description) } }
    }

    /// The ids of keys.
    static var keyIDs: CompletionKind {
        .names { words in names(words) { try $0.lists.keyIDs(beginningWith: "", limit: 10_000).map(\.id.description) } }
    }

    /// The projects of all researchers and keys.
    static var projects: CompletionKind {
        .names { words in names(words) { try $0.lists.projects() } }
    }

    /// Returns what `list` finds in the database that `words` or the settings name; empty if it can't be read.
    private static func names(_ words: [String], _ list: (Store) throws -> [String]) -> [String] {
        let environment = ProcessInfo.processInfo.environment
        do {
            let reader = try SettingReader(
                environment: environment,
                file: SettingsFile.find(value(of: "--config", in: words), environment: environment)
            )
            let option = value(of: "--database", in: words)
            return try list(DatabaseSettings(option: option, reader, environment: environment).open(for: .console))
        } catch {
            return []
        }
    }

    /// The value of an option on the command line being completed.
    ///
    /// Shells pass words as typed, quotes included.
    private static func value(of option: String, in words: [String]) -> String? {
        for (index, word) in words.enumerated() {
            let value = word == option ? words.dropFirst(index + 1).first : nil
            let joined = word.hasPrefix(option + "=") ? String(word.dropFirst(option.utf8.count + 1)) : nil
            guard let text = value ?? joined else { continue }
            return text.filter { $0 != "\"" && $0 != "'" && $0 != "\\" }
        }
        return nil
    }
}
