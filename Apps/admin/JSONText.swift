import BursarConsole
import BursarFoundation

/// JSON as all commands print it: for programs, and legible.
enum JSONText {
    static func of(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return ControlText.escaped(json: String(decoding: try encoder.encode(value), as: UTF8.self))
    }
}
