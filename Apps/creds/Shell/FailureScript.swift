import BursarConsole

/// What a shell has to run when `eval "$(creds token)"` brings nothing: an empty output would leave the old token in
/// place, and `eval` would say that all went well.
struct FailureScript {
    let text: String

    /// nil when the words after the program's name don't ask for something that a shell evaluates.
    ///
    /// Read without the parser, since what went wrong may be an argument.
    init?(_ words: [String]) {
        let names: [String]
        switch words.first {
        case "token": names = Token.secretVariables
        case "env": names = Env.secretVariables
        case "serve": names = Serve.variables
        case "proxy": names = Proxy.variables
        default: return nil
        }
        guard let format = Self.format(words.dropFirst()),
            let text = ShellVariables.failure(taking: names, format)
        else { return nil }
        self.text = text
    }

    /// On standard output, where a shell may be reading; a person on a terminal has no use for it.
    static func print(_ words: [String]) {
        guard let script = FailureScript(words), !StandardStream.output.isTerminal else { return }
        // Nobody is left to tell when it can't be written.
        try? StandardStream.output.write(script.text + "\n")
    }

    /// nil for Claude Code, which is no shell; a word that is no format is most likely meant for the usual shells.
    private static func format(_ arguments: ArraySlice<String>) -> VariableFormat? {
        let option = "--format"
        guard let index = arguments.lastIndex(where: { $0 == option || $0.hasPrefix(option + "=") }) else {
            return .export
        }
        let joined = arguments[index].dropFirst(option.utf8.count + 1)
        let word = arguments[index] == option ? arguments[index...].dropFirst().first : String(joined)
        guard let word, word != "claude" else { return word == nil ? .export : nil }
        return VariableFormat(rawValue: word) ?? .export
    }
}
