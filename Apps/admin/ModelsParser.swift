import AWSAuth
import AWSClients
import BursarConsole
import BursarModel

/// Parses patterns of models as people write them: ids, ids of inference profiles, ARNs of either, and `*`.
///
/// Policies name foundation models alone. A profile's geography (`us.`) is the place where AWS serves the model and is
/// part of no foundation model's id, so a pattern that kept it would allow nothing.
struct ModelsParser {
    private let entries: [String]
    /// The option or column, for messages.
    private let place: UserFacingError.Place

    /// - Parameters:
    ///   - typed: patterns, several in one text with commas between.
    ///   - place: the option or column that they come from.
    init(_ typed: [String], place: UserFacingError.Place = .option("--models")) {
        entries = typed.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }
            .map { String($0.trimmingASCIIWhitespace()) }
        self.place = place
    }

    /// Returns the list.
    ///
    /// `warn` receives a warning for each entry that is read otherwise than typed or matches no known model.
    ///
    /// - Throws: ``UserFacingError`` for the first entry that can't be a pattern.
    func read(warn: (UserFacingError) -> Void) throws(UserFacingError) -> ModelList {
        guard entries.contains(where: { !$0.isEmpty }) else { throw UserFacingError.value(of: place, "names no model") }
        var patterns: [ModelPattern] = []
        for entry in entries {
            let pattern = try self.pattern(entry, warn)
            if !patterns.contains(pattern) { patterns.append(pattern) }
        }
        guard let list = ModelList(patterns) else {
            throw UserFacingError.value(of: place, "names more than \(ModelList.longest) patterns")
        }
        return list
    }

    private func pattern(_ entry: String, _ warn: (UserFacingError) -> Void) throws(UserFacingError) -> ModelPattern {
        let shown = place.naming(ControlText.brief(entry))
        let id = entry.hasPrefix("arn:") ? try idInARN(entry, shown) : entry
        let parts = ModelID.split(id)
        guard let pattern = ModelPattern(parts.model) else {
            let isList = entry.contains { ";| ".contains($0) }
            let likely =
                isList
                ? "commas stand between patterns: anthropic.claude-*,amazon.nova-*"
                : ModelFamily.likelyPattern(of: entry).map { "perhaps \($0)" }
            throw UserFacingError.value(
                of: shown,
                "is not a pattern of model ids",
                hint: likely ?? "write it as anthropic.claude-* or meta.llama3-8b-instruct-v1:0"
            )
        }
        if let geography = parts.geography, pattern.description == "*" {
            throw UserFacingError.value(
                of: shown,
                "names the geography \(geography) and no model",
                hint: "name models, as anthropic.claude-*; where they may be called is a matter of regions"
            )
        }
        if pattern.description != entry {
            warn(UserFacingError("\(shown) is taken as \(pattern): policies name the foundation model alone"))
        }
        if let warning = ModelFamily.warning(of: pattern, shown) { warn(warning) }
        return pattern
    }

    private func idInARN(_ entry: String, _ shown: UserFacingError.Place) throws(UserFacingError) -> String {
        guard let arn = try ARN.reading(entry, place), arn.service == "bedrock" else {
            throw UserFacingError.value(of: shown, "is not the ARN of a model", hint: "write it as anthropic.claude-*")
        }
        switch arn.kind {
        case "foundation-model", "inference-profile": return arn.name
        case "application-inference-profile":
            throw UserFacingError.value(
                of: shown,
                "is an application's own profile, and only AWS knows which model it leads to",
                hint: "name that model; the account's own profiles are allowed as far as their models are"
            )
        default:
            throw UserFacingError.value(
                of: shown,
                "is \(ModelID.kinds[arn.kind] ?? "no foundation model"), which these policies never allow",
                hint: "name a foundation model, as anthropic.claude-*"
            )
        }
    }
}

/// The parts of a model's or an inference profile's id: `us.anthropic.claude-…`.
enum ModelID {
    /// Geographies, with which inference profiles' ids begin.
    ///
    /// https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html
    static let geographies: Set<String> = [
        "us", "us-gov", "eu", "apac", "au", "ca", "jp", "sa", "me", "af", "il", "mx", "in", "uk", "kr", "eusc",
        "global",
    ]

    /// Resources that are invoked like a model but are none, by the kind in their ARNs.
    static let kinds: [String: String] = [
        "custom-model": "a custom model", "custom-model-deployment": "a custom model's deployment",
        "imported-model": "an imported model", "provisioned-model": "provisioned throughput",
        "default-prompt-router": "a prompt router", "prompt-router": "a prompt router",
        "prompt": "a prompt", "marketplace": "a Marketplace endpoint", "endpoint": "a Marketplace endpoint",
        "async-invoke": "an asynchronous invocation", "agent-alias": "an agent", "project": "a project",
    ]

    /// Splits off the geography, if there is one.
    ///
    /// An unknown prefix is a geography when a vendor follows it.
    static func split(_ id: String) -> (geography: String?, model: String) {
        guard let dot = id.firstIndex(of: ".") else { return (nil, id) }
        let (first, rest) = (String(id[..<dot]), String(id[id.index(after: dot)...]))
        let isBeforeVendor =
            !first.isEmpty && first.allSatisfy { $0.isLetter || $0 == "-" } && rest.contains(".")
            && ModelFamily.vendors.contains(String(rest.prefix { $0 != "." }))
        guard !ModelFamily.vendors.contains(first), geographies.contains(first) || isBeforeVendor else {
            return (nil, id)
        }
        return (first, rest)
    }
}

/// Model families and their vendors, as far as known.
///
/// For hints only: nothing is allowed or refused by this table.
enum ModelFamily {
    static let vendors: Set<String> = [
        "ai21", "amazon", "anthropic", "cohere", "deepseek", "google", "luma", "meta", "minimax", "mistral", "moonshot",
        "moonshotai", "nvidia", "openai", "qwen", "stability", "twelvelabs", "writer", "xai", "zai",
    ]

    private static let families: [(start: String, vendor: String)] = [
        ("claude", "anthropic"), ("opus", "anthropic.claude"), ("sonnet", "anthropic.claude"),
        ("haiku", "anthropic.claude"), ("llama", "meta"), ("nova", "amazon"), ("titan", "amazon"),
        ("mistral", "mistral"), ("mixtral", "mistral"), ("ministral", "mistral"), ("pixtral", "mistral"),
        ("magistral", "mistral"), ("voxtral", "mistral"), ("devstral", "mistral"), ("command", "cohere"),
        ("embed", "cohere"), ("rerank", "cohere"), ("gpt", "openai"), ("jamba", "ai21"), ("stable", "stability"),
        ("sd3", "stability"), ("palmyra", "writer"), ("gemma", "google"), ("kimi", "moonshot"), ("glm", "zai"),
        ("nemotron", "nvidia"), ("pegasus", "twelvelabs"), ("marengo", "twelvelabs"), ("ray", "luma"), ("grok", "xai"),
    ]

    /// Returns a warning for a pattern that matches no known model; nil when it may match one.
    static func warning(of pattern: ModelPattern, _ shown: UserFacingError.Place) -> UserFacingError? {
        let text = pattern.description
        let head = text.prefix { $0 != "*" }
        let isWhole = head.count == text.count
        let vendor = head.contains(".") ? head.prefix { $0 != "." } : head
        let isKnown =
            head.contains(".")
            ? vendors.contains(String(vendor)) : !isWhole && vendors.contains { $0.hasPrefix(vendor) }
        if isKnown, !isWhole { return nil }
        let ending = ModelEnding.missing(of: text)
        if isKnown, ending == nil, text.contains(where: \.isNumber) { return nil }
        let likely = likelyPattern(of: text).flatMap { $0 == text ? nil : "perhaps \($0)" }
        let usual = "aws bedrock list-foundation-models shows the ids"
        if isKnown, let ending {
            return UserFacingError(
                "\(shown) is one model's whole id, and lacks the end that Bedrock's id has, as \(ending)",
                hint: likely ?? usual
            )
        }
        if isKnown {
            return UserFacingError(
                "\(shown) is one model's whole id, and no model is called that",
                hint: likely ?? usual
            )
        }
        let what = head.contains(".") ? "begins with no vendor that is known here" : "names no vendor"
        return UserFacingError("\(shown) \(what), so it may stand for no model", hint: likely ?? usual)
    }

    /// Returns the pattern that was probably meant; nil when no such name is known.
    static func likelyPattern(of text: String) -> String? {
        let last = text.lowercased().split(separator: "/").last.map(String.init) ?? ""
        // Claude Code's mark for a long context and Vertex AI's for a date: `claude-sonnet-4-5@20250929[1m]`.
        let plain = String(last.prefix { $0 != "[" }).replacing("@", with: "-")
        let id = ModelID.split(plain).model.filter { $0.isLetter || $0.isNumber || ".:_-*".contains($0) }
        guard !id.isEmpty else { return nil }
        guard let likely = withVendor(id) else { return nil }
        guard !likely.hasSuffix("*") else { return likely }
        if ModelEnding.isComplete(likely) { return likely }
        return ModelEnding.removed(from: likely) + "*"
    }

    /// Returns `id` with the vendor and family prepended where they are missing; nil when no such name is known.
    private static func withVendor(_ id: String) -> String? {
        let vendor = id.prefix { $0 != "." && $0 != "*" }
        if vendors.contains(String(vendor)) {
            return vendor.count == id.filter({ $0 != "*" }).count ? "\(vendor).*" : id
        }
        if let known = vendors.first(where: { id.hasPrefix($0 + "-") }) {
            return "\(known).\(id.dropFirst(known.count + 1))"
        }
        guard let family = families.first(where: { id.hasPrefix($0.start) }) else { return nil }
        let joint = family.vendor.contains(".") ? "-" : "."
        return "\(family.vendor)\(joint)\(id)"
    }
}
