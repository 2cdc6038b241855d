import ArgumentParser
import BursarCore
import Console

/// What the parser has to say of a command line, in the form of every other problem.
enum Misuse {
    /// `arguments` are the program's; the parser's words hold whatever was typed, a key or a token among it.
    static func problem(_ error: any Error, _ arguments: [String]) -> Problem {
        let said = oneLine(Creds.message(for: error))
        let command = Creds.commandNames.first { $0 == arguments.dropFirst().first }
        return Problem(
            lowerCased(TypedSecrets.removed(from: said)),
            hint: ["creds", command, "--help"].compactMap { $0 }.joined(separator: " ")
        )
    }

    /// Without the parser's list, one value a line.
    private static func oneLine(_ text: String) -> String {
        let lines = text.split(whereSeparator: \.isNewline).map { $0.trimmingASCIIWhitespace() }
        let values = lines.filter { $0.hasPrefix("- ") }.map { "'\($0.dropFirst(2))'" }
        let rest = lines.filter { !$0.hasPrefix("- ") }.joined(separator: " ")
        guard !values.isEmpty else { return rest.replacing("'. Please", with: "'; please") }
        return rest.replacing("'. Please provide one of the following:", with: "'; please provide one of ")
            + values.joined(separator: ", ")
    }

    /// The parser begins with a capital and may end with a full stop; names keep theirs.
    private static func lowerCased(_ text: String) -> String {
        let text = text.hasSuffix(".") ? text.dropLast() : text[...]
        guard text.dropFirst().first?.isLowercase == true else { return String(text) }
        return text.prefix(1).lowercased() + text.dropFirst()
    }
}

extension Creds {
    /// In the order of the help.
    static var commandNames: [String] {
        configuration.groupedSubcommands.flatMap(\.subcommands).map { $0._commandName }
    }
}
