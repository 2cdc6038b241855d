package import ArgumentParser
import BursarModel

/// Conversion of command-line errors into ``UserFacingError``.
package enum UsageError {
    /// Parses `words`, which are those after the program's name.
    ///
    /// - Throws: a ``UserFacingError`` with a suggestion for a command that there is not, and what the parser throws.
    package static func parse(
        _ root: any ParsableCommand.Type,
        _ words: [String]
    ) throws -> any ParsableCommand {
        if let problem = CommandPath(root, words).problem { throw problem }
        return try root.parseAsRoot(words)
    }

    /// The parser's error for `words`; its own sentence repeats the input, a key or a token included.
    package static func problem(
        _ error: any Error,
        _ root: any ParsableCommand.Type,
        _ words: [String]
    ) -> UserFacingError {
        let message = oneLine(root.message(for: error))
        return .misuse(lowerCased(CommandLineRedaction.removed(from: message)), hint: CommandPath(root, words).help)
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

/// The command that the first words of a command line name.
private struct CommandPath {
    /// From the program on.
    private var names: [String]
    private var command: any ParsableCommand.Type
    /// A word in the place of a command's name that is none.
    private var unknown: String?

    init(_ root: any ParsableCommand.Type, _ words: [String]) {
        names = [root._commandName]
        command = root
        let isHelp = words.first == "help"
        for word in words.dropFirst(isHelp ? 1 : 0) {
            let commands = command.configuration.subcommands
            guard isHelp || !commands.isEmpty, !word.hasPrefix("-") else { return }
            if word == "help", names.count == 1 { return }
            guard let next = commands.first(where: { $0.hasName(word) }) else {
                unknown = word
                return
            }
            names.append(next._commandName)
            command = next
        }
    }

    /// nil when every word that has to name a command does.
    var problem: UserFacingError? {
        guard let unknown else { return nil }
        let path = names.joined(separator: " ")
        let known = command.configuration.subcommands.map { $0._commandName }
        let near = NearestName.of(unknown, among: known)
        return .misuse(
            "\(path) has no command '\(CommandLineRedaction.removed(from: unknown))'",
            hint: near.map { "did you mean \(path) \($0)?" } ?? help
        )
    }

    /// The command line that prints what may be message here.
    var help: String {
        let usual = unknown == nil ? command.configuration.defaultSubcommand?._commandName : nil
        return (names + [usual, "--help"].compactMap { $0 }).joined(separator: " ")
    }
}

extension ParsableCommand {
    fileprivate static func hasName(_ word: String) -> Bool {
        _commandName == word || configuration.aliases.contains(word)
    }

    /// Runs the command that `arguments` name, says what stops it, and ends the process with the exit code for it.
    package static func start(_ arguments: ProgramArguments, _ terminal: Terminal) async -> Never {
        do {
            var command = try UsageError.parse(Self.self, arguments.words)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            exit()
        } catch let problem as UserFacingError {
            terminal.fail(problem)
            exit(withError: ExitCode(problem.exitCode))
        } catch {
            let code = exitCode(for: error)
            // Help is no failure, and what ends with a code of its own has message why.
            guard !code.isSuccess, !(error is ExitCode) else { exit(withError: error) }
            terminal.fail(
                code == .validationFailure
                    ? UsageError.problem(error, Self.self, arguments.words)
                    : UserFacingError("something failed that should not: \(type(of: error))")
            )
            exit(withError: code)
        }
    }
}

/// Takes keys and tokens out of what repeats a command line.
package enum CommandLineRedaction {
    /// The prefixes of Bedrock's tokens and its long-term keys.
    private static let prefixes = ["bedrock-api-key-", "ABSK"]

    /// `text` with a mark for what follows such a beginning, up to the next blank or quote.
    package static func removed(from text: String) -> String {
        var text = Redaction.keys(in: text)
        for prefix in prefixes {
            var result = ""
            var rest = text[...]
            while let found = rest.firstRange(of: prefix) {
                let secret = rest[found.upperBound...].prefix { $0 != "'" && $0 != "\"" && !$0.isWhitespace }
                result += rest[..<found.upperBound] + (secret.isEmpty ? "" : "…")
                rest = rest[secret.endIndex...]
            }
            text = result + rest
        }
        return text
    }
}
