import BursarFoundation

/// All commands in one bash, so that each finds what those before it left behind.
extension Transcript {
    /// A line that no command prints.
    package static func newMark() -> String { "end-of-step-" + UUID().uuidString }

    /// `command` is what is run for a step; errors go where output goes.
    package func script(_ mark: String, command: (Step) -> String) -> String {
        let commands = steps.map { command($0) + "\nprintf '\\n\(mark) %s\\n' $?\n" }
        return "cd; exec 2>&1\n" + commands.joined()
    }

    /// The transcript as it is now: `shown` gives what a command printed the names that the pages use.
    package func played(_ output: String, _ mark: String, shown: (String) -> String) -> Transcript {
        var played = self
        for (index, part) in output.split(separator: mark + " ").enumerated() {
            // What a command printed stands before its mark, and its exit code after it.
            let lines = part.split(separator: "\n", omittingEmptySubsequences: false)
            if index > 0, index <= played.steps.count {
                played.steps[index - 1].exitCode = lines.first.flatMap { Int($0) } ?? -1
            }
            guard index < played.steps.count else { continue }
            let printed = lines.dropFirst(index == 0 ? 0 : 1).joined(separator: "\n")
            var kept = shown(printed).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            while kept.last == "" { kept.removeLast() }
            played.steps[index].lines = kept
        }
        return played
    }
}
