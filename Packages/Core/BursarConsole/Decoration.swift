/// Bold and colour, or their absence.
package struct Decoration: Equatable, Sendable {
    /// Text as it is: files, pipes and plain terminals.
    package static let plain = Self(isOn: false)
    /// For terminals that colours are welcome on.
    package static let colored = Self(isOn: true)

    private let isOn: Bool

    private init(isOn: Bool) {
        self.isOn = isOn
    }

    /// Decoration is for terminals, unless `NO_COLOR` holds anything or `TERM` is `dumb` (https://no-color.org).
    package init(isTerminal: Bool, environment: [String: String]) {
        isOn = isTerminal && environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
    }

    package func bold(_ text: String) -> String { wrap(text, "1") }
    package func dim(_ text: String) -> String { wrap(text, "2") }
    package func red(_ text: String) -> String { wrap(text, "1;31") }
    package func green(_ text: String) -> String { wrap(text, "32") }
    package func yellow(_ text: String) -> String { wrap(text, "33") }

    /// Every sequence of control characters that decoration consists of.
    static let codes = ["0", "1", "2", "1;31", "32", "33"].map { "\u{1B}[\($0)m" }

    private func wrap(_ text: String, _ code: String) -> String {
        isOn ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
