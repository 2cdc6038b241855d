import BursarFoundation

/// JSON as the programs print and send it: keys in alphabetical order, slashes unescaped.
package enum JSONText {
    /// One line, for scripts and responses.
    package static func line(_ value: some Encodable) throws -> String {
        try encoded(value, [])
    }

    /// Indented, for readers as well as programs.
    ///
    /// Characters that a terminal would hide or obey are escaped, which leaves the value the same.
    package static func of(_ value: some Encodable) throws -> String {
        ControlText.escaped(json: try encoded(value, .prettyPrinted))
    }

    private static func encoded(_ value: some Encodable, _ formatting: JSONEncoder.OutputFormatting) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = formatting.union([.sortedKeys, .withoutEscapingSlashes])
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
