import Mustache

/// HTML escaping by Unicode scalars.
///
/// swift-mustache 2.1.1 looks at whole characters, and passes over a `<` that is part of a larger one: after U+0600, or
/// before a combining accent. Seen 2026-11; to be taken out when the library escapes those.
struct ScalarEscaping: MustacheContentType {
    /// What the template asks for by `CONTENT_TYPE`.
    static let name = "BURSAR_HTML"

    func escapeText(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "&": escaped += "&amp;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
