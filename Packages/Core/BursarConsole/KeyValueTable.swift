import ArgumentParser

/// The output format of a command that shows one thing: a key-value table, or JSON.
package enum KeyValueFormat: String, CaseIterable, Sendable, ExpressibleByArgument {
    case table
    case json
}

/// Names and values, one pair a line.
package struct KeyValueTable {
    package private(set) var facts: [(name: String, value: String)]

    package init(_ facts: [(name: String, value: String)] = []) {
        self.facts = facts
    }

    /// Appends a pair; a missing value is shown as `-`.
    package mutating func add(_ name: String, _ value: String?) {
        facts.append((name, value ?? "-"))
    }

    /// The names in bold where the output shows it, and the values in one column.
    package func text(_ decoration: Decoration) -> String {
        let width = (facts.map { DisplayWidth.of($0.name) }.max() ?? 0) + 2
        return facts.map { name, value in
            let blanks = String(repeating: " ", count: width - DisplayWidth.of(name))
            return decoration.bold(name) + blanks + ControlText.visible(value)
        }
        .joined(separator: "\n")
    }
}
