import BursarConsole

/// Names and values, one pair a line.
struct KeyValueTable {
    private var facts: [(name: String, value: String)] = []

    /// Adds a pair; a missing value is shown as `-`.
    mutating func add(_ name: String, _ value: String?) {
        facts.append((name, value ?? "-"))
    }

    func text(_ decoration: Decoration) -> String {
        let width = facts.map { DisplayWidth.of($0.name) }.max() ?? 0
        return facts.map { fact in
            let blanks = String(repeating: " ", count: width - DisplayWidth.of(fact.name))
            return decoration.bold(fact.name) + blanks + "  " + ControlText.visible(fact.value)
        }
        .joined(separator: "\n")
    }
}

/// The output formats of commands that show one thing.
enum KeyValueFormat: String, CaseIterable {
    case table
    case json
}
