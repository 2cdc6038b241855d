/// How a log line is written.
package enum LogFormat: String, Sendable, CaseIterable {
    /// For people: time, level, message, `name=value` pairs.
    case text
    /// For programs: one JSON object a line.
    case json
}
