import ArgumentParser
import BursarConsole

/// How a command shows what it knows.
enum KeyValueFormat: String, CaseIterable, Sendable, ExpressibleByArgument {
    case table
    case json
}

/// Names and values, one pair a line: what the commands show that have one screen.
struct KeyValueTable {
    let facts: [(name: String, value: String)]

    init(_ facts: [(name: String, value: String)]) {
        self.facts = facts
    }

    /// Names bold where that shows, values side by side.
    func text(_ decoration: Decoration) -> String {
        let width = (facts.map(\.name.utf8.count).max() ?? 0) + 2
        return facts.map { name, value in
            let blanks = String(repeating: " ", count: width - name.utf8.count)
            return decoration.bold(name) + blanks + ControlText.visible(value)
        }.joined(separator: "\n")
    }
}
