import BursarCore

/// A model as it is named when it is invoked: by its id, by an inference profile's, or by the ARN of either.
struct InvokedModel {
    /// What was typed.
    let name: String
    /// The foundation model whose use is checked; nil for an application's own profile, which only AWS can look up.
    let foundationModel: String?

    /// Where profiles begin their ids: AWS's geographies.
    private static let geographies: Set<String> = [
        "us", "us-gov", "eu", "apac", "au", "ca", "jp", "sa", "me", "af", "il", "global",
    ]

    /// nil for what can't be any of these.
    init?(_ text: String) {
        name = text
        var id = Substring(text)
        if text.hasPrefix("arn:") {
            let parts = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
            guard parts.count == 6, parts[2] == "bedrock", let slash = parts[5].firstIndex(of: "/") else { return nil }
            let kind = parts[5][..<slash]
            id = parts[5][parts[5].index(after: slash)...]
            guard kind == "foundation-model" || kind == "inference-profile" else {
                foundationModel = nil
                return
            }
        }
        guard ModelPattern(id) != nil, !id.contains("*") else { return nil }
        if let dot = id.firstIndex(of: "."), Self.geographies.contains(String(id[..<dot])) {
            id = id[id.index(after: dot)...]
        }
        foundationModel = String(id)
    }

    /// Whether a session that is narrowed to `models` may invoke it; nil when only AWS can tell.
    func isAllowed(by models: ModelList?) -> Bool? {
        guard let models else { return true }
        return foundationModel.map { models.allows($0) }
    }
}
