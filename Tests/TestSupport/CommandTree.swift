import BursarFoundation

/// A program's commands with their options, as it describes them to tools.
package struct CommandTree: Decodable, Sendable {
    package let commandName: String
    package let subcommands: [CommandTree]?
    private let arguments: [Argument]?

    private struct Argument: Decodable, Sendable {
        let names: [Name]?

        struct Name: Decodable, Sendable {
            let name: String
        }
    }

    /// Asks the built program.
    package static func of(_ program: String) async throws -> CommandTree {
        struct Dump: Decodable {
            let command: CommandTree
        }
        let outcome = try await Program(Checkout.program(program)).run(["--experimental-dump-help"])
        return try JSONDecoder().decode(Dump.self, from: Data(outcome.output.utf8)).command
    }

    /// The fault of a command line (its words without the program's name); nil when there is none.
    package func flaw(in words: [String]) -> String? {
        if let first = words.first, let command = subcommands?.first(where: { $0.commandName == first }) {
            return command.flaw(in: Array(words.dropFirst()))
        }
        if let word = words.first, !word.hasPrefix("-"), subcommands?.isEmpty == false, !Self.isPlaceholder(word) {
            return "\(commandName) has no command \(word)"
        }
        // A command may be left out where there is a usual one.
        let known = (subcommands ?? []).reduce(options) { $0.union($1.options) }
        for word in words.prefix(while: { $0 != "--" }) where word.hasPrefix("-") && word != "-" {
            let name = word.drop { $0 == "-" }.prefix { $0 != "=" }
            // Words after an option's value may begin with a hyphen, as in `-1`; no option is a number.
            guard !name.isEmpty, !known.contains(String(name)) else { continue }
            return "\(commandName) has no option \(word)"
        }
        return nil
    }

    private var options: Set<String> {
        Set((arguments ?? []).flatMap { $0.names ?? [] }.map(\.name))
    }

    /// `COMMAND`, `…`: a word that stands for others.
    private static func isPlaceholder(_ word: String) -> Bool {
        word.contains("…") || word.allSatisfy { $0.isUppercase || !$0.isLetter }
    }
}
