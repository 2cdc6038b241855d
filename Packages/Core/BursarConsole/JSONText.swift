import BursarModel

/// JSON as the programs print and send it: keys in alphabetical order, slashes unescaped.
package enum JSONText {
    /// One line, for scripts and responses.
    package static func line(_ value: some Encodable) throws -> String {
        try StableJSON.text(value)
    }

    /// Indented, for readers as well as programs.
    ///
    /// Characters that a terminal would hide or obey are escaped, which leaves the value the same.
    package static func of(_ value: some Encodable) throws -> String {
        ControlText.escaped(json: try StableJSON.text(value, isIndented: true))
    }
}
