import BursarConsole
import BursarFoundation
import BursarModel

/// Variables to be set elsewhere, in their order; a nil value takes the variable away.
struct ShellVariables {
    let values: [(name: String, value: Secret<String>?)]
    /// When what they hold ends; only JSON says it.
    let expiration: Date?

    /// What `format` asks to be printed, without a line end.
    ///
    /// All on one line where a shell reads it: fish's `eval (…)` and an unquoted `$(…)` join lines with blanks.
    func text(_ format: VariableFormat) throws -> Secret<String> {
        switch format {
        case .export:
            let set = values.compactMap { name, value in
                value.map { "\(name)=\(ShellQuoting.posix($0.reveal()))" }
            }
            return Secret((["export " + set.joined(separator: " ")] + removals(format)).joined(separator: "; "))
        case .fish:
            let set = values.compactMap { name, value in
                value.map { "set -gx \(name) \(ShellQuoting.fish($0.reveal()))" }
            }
            return Secret((set + removals(format)).joined(separator: "; "))
        case .csh:
            let set = try values.compactMap { name, value in
                try value.map { "setenv \(name) \(try ShellQuoting.csh($0.reveal()))" }
            }
            return Secret((set + removals(format)).joined(separator: "; "))
        case .powershell:
            let set = values.compactMap { name, value in
                value.map { "$env:\(name) = \(ShellQuoting.powershell($0.reveal()))" }
            }
            return Secret((set + removals(format)).joined(separator: "; "))
        case .dotenv:
            return try lines { try ShellQuoting.dotenv($0) }
        case .raw:
            return lines { $0 }
        case .json:
            return try json()
        }
    }

    /// What takes every one of the variables away, and then fails, for a shell that evaluates it.
    ///
    /// nil in a format that no shell evaluates.
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
