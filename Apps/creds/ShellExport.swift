import ArgumentParser
import BursarConsole
import BursarFoundation
import BursarModel

/// The output format of variables, named for its reader.
enum VariableFormat: String, CaseIterable, Sendable, ExpressibleByArgument {
    /// bash, zsh and every other POSIX shell.
    case export
    case fish
    /// csh and tcsh.
    case csh
    case powershell
    /// A `.env` file.
    case dotenv
    case json
    /// The bare values, unquoted.
    case raw
}

/// Environment variables to set or remove in another shell, in order; a nil value removes the variable.
struct ShellVariables {
    let values: [(name: String, value: Secret<String>?)]
    /// The expiry of the values; only JSON output includes it.
    let expiration: Date?

    /// The text that `format` prints, without a line end.
    ///
    /// It is a single line where a shell reads it: fish's `eval (…)` and an unquoted `$(…)` join lines with blanks.
    func text(_ format: VariableFormat) throws -> Secret<String> {
        switch format {
        case .export:
            let set = values.compactMap { name, value in
                value.map { "\(name)=\(ShellWord.posix($0.reveal()))" }
            }
            return Secret((["export " + set.joined(separator: " ")] + removals(format)).joined(separator: "; "))
        case .fish:
            let set = values.compactMap { name, value in
                value.map { "set -gx \(name) \(ShellWord.fish($0.reveal()))" }
            }
            return Secret((set + removals(format)).joined(separator: "; "))
        case .csh:
            let set = try values.compactMap { name, value in
                try value.map { "setenv \(name) \(try ShellWord.csh($0.reveal()))" }
            }
            return Secret((set + removals(format)).joined(separator: "; "))
        case .powershell:
            let set = values.compactMap { name, value in
                value.map { "$env:\(name) = \(ShellWord.powershell($0.reveal()))" }
            }
            return Secret((set + removals(format)).joined(separator: "; "))
        case .dotenv:
            return try lines { try ShellWord.dotenv($0) }
        case .raw:
            return lines { $0 }
        case .json:
            return try json()
        }
    }

    /// A script that removes every one of the variables and then fails.
    ///
    /// Returns nil for formats that no shell evaluates.
    static func failure(taking names: [String], _ format: VariableFormat) -> String? {
        let none = ShellVariables(values: names.map { ($0, nil) }, expiration: nil)
        switch format {
        case .export, .fish, .csh: return (none.removals(format) + ["false"]).joined(separator: "; ")
        case .powershell: return (none.removals(format) + ["throw 'creds failed'"]).joined(separator: "; ")
        case .dotenv, .json, .raw: return nil
        }
    }

    private func removals(_ format: VariableFormat) -> [String] {
        let names = values.filter { $0.value == nil }.map(\.name)
        guard !names.isEmpty else { return [] }
        switch format {
        case .export: return ["unset " + names.joined(separator: " ")]
        case .fish: return ["set -e " + names.joined(separator: " ")]
        case .csh: return names.map { "unsetenv \($0)" }
        case .powershell:
            return names.map { "Remove-Item Env:\($0) -ErrorAction SilentlyContinue" }
        case .dotenv, .json, .raw: return []
        }
    }

    private func lines(_ quote: (String) throws -> String) rethrows -> Secret<String> {
        Secret(
            try values.compactMap { name, value in
                try value.map { "\(name)=\(try quote($0.reveal()))" }
            }.joined(separator: "\n")
        )
    }

    private func json() throws -> Secret<String> {
        var object: [String: String] = [:]
        for (name, value) in values { object[name] = value?.reveal() }
        object["expiration"] = expiration.map { Timestamp.string($0) }
        return Secret(try JSONText.line(object))
    }
}
