/// The endings of foundation models' ids: `-20250929-v1:0`, `-v1`, or none, depending on when the model came out.
///
/// The table covers known older ids; an unknown vendor or model may be called anything. The ids are those of
/// https://docs.aws.amazon.com/bedrock/latest/userguide/models-supported.html (2026-11).
enum ModelEnding {
    private enum Ending: String {
        /// A version and its revision.
        case revision = "-v1:0"
        /// A version, with or without a revision.
        case version = "-v1"
    }

    /// Models whose ids have such an ending; whatever follows the name begins with a hyphen.
    private static let endings: [(name: String, ending: Ending)] = [
        ("ai21.jamba", .revision), ("amazon.nova-micro", .revision), ("amazon.nova-lite", .revision),
        ("amazon.nova-pro", .revision), ("amazon.nova-premier", .revision), ("amazon.nova-canvas", .revision),
        ("amazon.nova-reel", .revision), ("amazon.nova-sonic", .revision), ("amazon.nova-2-lite", .revision),
        ("amazon.nova-2-sonic", .revision), ("amazon.nova-2-multimodal-embeddings", .revision),
        ("amazon.rerank", .revision), ("amazon.titan-text", .version), ("amazon.titan-embed-text", .version),
        ("amazon.titan-embed-image", .version), ("amazon.titan-image-generator", .version),
        ("cohere.command-r", .revision), ("cohere.command-text", .version), ("cohere.command-light-text", .version),
        ("cohere.embed-english", .version), ("cohere.embed-multilingual", .version), ("cohere.rerank", .revision),
        ("deepseek.r1", .revision), ("luma.ray", .revision), ("meta.llama2", .version), ("meta.llama3", .revision),
        ("meta.llama4", .revision), ("mistral.mistral-7b", .revision), ("mistral.mixtral", .revision),
        ("mistral.mistral-large-2402", .revision), ("mistral.mistral-large-2407", .revision),
        ("mistral.mistral-small-2402", .revision), ("mistral.pixtral", .revision), ("stability.sd3", .version),
        ("stability.stable", .version), ("twelvelabs.marengo-embed-2-7", .revision),
        ("twelvelabs.pegasus-1-2", .revision), ("writer.palmyra-x4", .revision), ("writer.palmyra-x5", .revision),
    ]

    /// Returns the ending that `id` lacks; nil when it has one, needs none, or is unknown.
    static func missing(of id: String) -> String? {
        if id.hasPrefix("anthropic.claude-") { return missing(ofClaude: id) }
        if id == "cohere.embed-v4" { return ":0" }
        guard let known = endings.first(where: { id == $0.name || id.hasPrefix($0.name + "-") }) else { return nil }
        let found = found(in: id)
        let isThere =
            switch known.ending {
            case .revision: found.hasVersion && found.hasRevision
            case .version: found.hasVersion
            }
        return isThere ? nil : known.ending.rawValue
    }

    /// Returns true if `id` is known to be complete.
    static func isComplete(_ id: String) -> Bool {
        guard missing(of: id) == nil, id.contains(where: \.isNumber) else { return false }
        return id.hasPrefix("anthropic.claude-") || found(in: id).hasRevision
    }

    /// Returns `id` up to its version, which may be the wrong one.
    static func removed(from id: String) -> String {
        let base = id.prefix { $0 != ":" }
        guard base.count < id.count || found(in: id).hasVersion else { return id }
        var words = base.split(separator: "-", omittingEmptySubsequences: false)
        if let last = words.last, isVersion(last) { words.removeLast() }
        return words.joined(separator: "-")
    }

    /// Ids up to Claude 4.5 have a date, a version and a revision; Opus 4.6 has a version, and later ones have none.
    private static func missing(ofClaude id: String) -> String? {
        let found = found(in: id)
        let words = id.dropFirst("anthropic.claude-".count).prefix { $0 != ":" }.split(separator: "-")
        guard let start = words.firstIndex(where: { isNumber($0) && $0.count <= 2 }) else {
            // The first two generations: `claude-v2:1`, `claude-instant-v1`.
            return words.first == "instant" && !found.hasVersion ? Ending.version.rawValue : nil
        }
        let number = words[start...].prefix { isNumber($0) && $0.count <= 2 }.compactMap { Int($0) }
        let (major, minor) = (number[0], number.count > 1 ? number[1] : 0)
        guard (major, minor) < (4, 6) else {
            let isFirst = (major, minor) == (4, 6) && words.first == "opus"
            return isFirst && !found.hasVersion ? Ending.version.rawValue : nil
        }
        let hasDate = words.contains { isNumber($0) && $0.count == 8 }
        if hasDate, found.hasVersion, found.hasRevision { return nil }
        return hasDate ? Ending.revision.rawValue : "-20250929" + Ending.revision.rawValue
    }

    private static func found(in id: String) -> (hasVersion: Bool, hasRevision: Bool) {
        let parts = id.split(separator: ":", omittingEmptySubsequences: false)
        let hasRevision = parts.count > 1 && isNumber(parts[1])
        var words = parts[0].split(separator: "-")[...]
        // Some have two numbers: `rerank-v3-5:0`.
        if hasRevision, words.count > 1, let last = words.last, isNumber(last) { words.removeLast() }
        return (words.last.map(isVersion) ?? false, hasRevision)
    }

    private static func isVersion(_ word: Substring) -> Bool {
        word.first == "v" && isNumber(word.dropFirst())
    }

    private static func isNumber(_ word: Substring) -> Bool {
        !word.isEmpty && word.allSatisfy { $0.isASCII && $0.isNumber }
    }
}
