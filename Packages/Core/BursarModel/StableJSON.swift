package import BursarFoundation

/// JSON with keys in alphabetical order and slashes unescaped: equal values give equal bytes.
package enum StableJSON {
    /// One line, or lines with indentation.
    package static func data(_ value: some Encodable, isIndented: Bool = false) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if isIndented { encoder.outputFormatting.insert(.prettyPrinted) }
        return try encoder.encode(value)
    }

    /// One line, or lines with indentation.
    package static func text(_ value: some Encodable, isIndented: Bool = false) throws -> String {
        String(decoding: try data(value, isIndented: isIndented), as: UTF8.self)
    }
}
