import BursarConsole
import BursarFoundation
import Logging
import ServerSettings

/// One line of the log in one of its formats, including its line end.
///
/// Keys are redacted, and characters that could end the line or move a terminal's cursor are escaped.
struct LogLine {
    let time: String
    let level: Logger.Level
    let message: String
    let metadata: Logger.Metadata

    func bytes(_ format: LogFormat) -> [UInt8] {
        switch format {
        case .json: json
        case .text: text
        }
    }

    private var fields: [(name: String, value: Logger.MetadataValue)] {
        metadata.sorted { $0.key < $1.key }.map { (Self.name($0.key), $0.value) }
    }

    /// Replaces the HTTP library's name for the request id by the one that responses use.
    private static func name(_ key: String) -> String {
        switch key {
        case "hb.request.id": "requestID"
        case "time", "level", "message": key + "_"
        default: key
        }
    }

    // MARK: Text

    private var text: [UInt8] {
        var line = "\(time) \(level.rawValue) \(Self.visible(message))"
        for (name, value) in fields { line += " \(Self.visible(name))=\(Self.word(value.description))" }
        return Array((line + "\n").utf8)
    }

    private static func word(_ value: String) -> String {
        let value = visible(value)
        let isWord = !value.isEmpty && !value.contains { $0 == " " || $0 == "\"" || $0 == "=" }
        return isWord ? value : "\"" + value.replacing("\"", with: "\\\"") + "\""
    }

    private static func visible(_ text: String) -> String {
        ControlText.visible(Redaction.keys(in: text))
    }

    // MARK: JSON

    private var json: [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(320)
        line += #"{"time":"\#(time)","level":"\#(level.rawValue)","message":"#.utf8
        Self.append(message, to: &line)
        for (name, value) in fields {
            line.append(UInt8(ascii: ","))
            Self.append(name, to: &line)
            line.append(UInt8(ascii: ":"))
            Self.append(value, to: &line)
        }
        line += "}\n".utf8
        return line
    }

    private static func append(_ value: Logger.MetadataValue, to line: inout [UInt8]) {
        switch value {
        case .string(let text): append(text, to: &line)
        case .stringConvertible(let value): append(value.description, to: &line)
        case .array(let values):
            line.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { line.append(UInt8(ascii: ",")) }
                append(value, to: &line)
            }
            line.append(UInt8(ascii: "]"))
        case .dictionary(let values):
            line.append(UInt8(ascii: "{"))
            for (index, (name, value)) in values.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { line.append(UInt8(ascii: ",")) }
                append(name, to: &line)
                line.append(UInt8(ascii: ":"))
                append(value, to: &line)
            }
            line.append(UInt8(ascii: "}"))
        }
    }

    /// Most strings are plain and are appended unchanged; the rest is left to the encoder.
    private static func append(_ text: String, to line: inout [UInt8]) {
        // A key has this character; most strings don't, and lines are many.
        let text = text.utf8.contains(UInt8(ascii: "_")) ? Redaction.keys(in: text) : text
        if text.utf8.allSatisfy(isPlain) {
            line.append(UInt8(ascii: "\""))
            line += text.utf8
            line.append(UInt8(ascii: "\""))
            return
        }
        line += ((try? JSONText.line(text)) ?? #""?""#).utf8
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x20..<0x7F).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }
}
