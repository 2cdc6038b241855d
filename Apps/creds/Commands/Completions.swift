import ArgumentParser
import BursarConsole

/// Prints the completion script of a shell, for commands, options and profiles.
struct Completions: CredsCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print a completion script for bash, zsh or fish.",
        discussion: """
              creds completions bash > ~/.local/share/bash-completion/completions/creds
              creds completions zsh > ~/.zfunc/_creds
              creds completions fish > ~/.config/fish/completions/creds.fish

            Make the folder first (mkdir -p) where it isn't there, and start a new shell. zsh looks into ~/.zfunc when \
            ~/.zshrc says so before compinit: fpath=(~/.zfunc $fpath). --profile is completed from the installed \
            profiles.
            """
    )

    enum Shell: String, CaseIterable, ExpressibleByArgument {
        case bash = "bash"
        case zsh = "zsh"
        case fish = "fish"

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

    func run(_ context: CredsContext) throws {
        try context.terminal.print(Creds.completionScript(for: shell.parsers))
    }
}
