import BursarFoundation
import Crypto
import Mustache

/// A page with gaps, written as a Mustache template; what fills the gaps is text, and is escaped.
package struct HTMLTemplate: Sendable {
    private let template: MustacheTemplate
    private let text: String

    /// - Throws: when `text` is no template; of a template that is built in, that is a bug.
    package init(_ text: [UInt8]) throws {
        self.text = String(decoding: text, as: UTF8.self)
        MustacheContentTypes.register(ScalarEscaping(), named: ScalarEscaping.name)
        template = try MustacheTemplate(string: "{{% CONTENT_TYPE: \(ScalarEscaping.name)}}" + self.text)
    }

    package func render(_ context: [String: Any]) -> String {
        template.render(context)
    }

    /// The content security policy source that allows the page's own style sheet, and no other.
    ///
    /// https://www.w3.org/TR/CSP3/#framework-directive-source-list
    package var styleSource: String {
        guard let start = text.firstRange(of: "<style>"), let end = text.firstRange(of: "</style>"),
            start.upperBound <= end.lowerBound
        else { return "'none'" }
        let style = text[start.upperBound..<end.lowerBound]
        return "'sha256-\(Data(SHA256.hash(data: Data(style.utf8))).base64EncodedString())'"
    }
}

/// HTML escaping by Unicode scalars.
///
/// swift-mustache 2.1.1 compares whole characters, and misses a `<` that is part of a larger one: after U+0600, or
/// before a combining accent. Seen 2026-11; to be taken out when the library escapes those.
private struct ScalarEscaping: MustacheContentType {
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
