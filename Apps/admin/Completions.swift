import ArgumentParser
import Console

/// Prints what a shell needs to complete commands and options.
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
            $fpath).
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
