import ArgumentParser

/// Who reads the variables.
enum VariableFormat: String, CaseIterable, Sendable, ExpressibleByArgument {
    /// bash, zsh, and every other POSIX shell.
    case export
    case fish
    /// csh and tcsh.
    case csh
    case powershell
    /// A `.env` file.
    case dotenv
    case json
    /// Values as they are, with nothing quoted.
    case raw
}
