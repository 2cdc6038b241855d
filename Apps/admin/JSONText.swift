import BursarConsole
import BursarFoundation

/// The JSON that all commands print: stable for programs, indented for people.
enum JSONText {
    static func of(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return ControlText.escaped(json: String(decoding: try encoder.encode(value), as: UTF8.self))
    }
}
