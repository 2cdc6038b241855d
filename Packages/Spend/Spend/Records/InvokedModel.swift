/// The model of a call, as the `modelId` of its log record names it.
///
/// It is a bare id, the id of an inference profile, or an ARN
/// (https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html).
package enum InvokedModel: Hashable, Sendable {
    /// A foundation model, called in one region or through a profile that AWS defines.
    case foundation(id: String, routing: Routing)
    /// An application inference profile, whose model only `GetInferenceProfile` or the operator's alias tells.
    case applicationProfile(arn: String)
    /// Anything else, such as a custom model or provisioned throughput: tokens have no listed price.
    case other(String)

    /// The geographies that AWS prefixes to the ids of its inference profiles.
    ///
    /// An unknown one stays part of the id, so that its calls are unpriced and not priced as another's.
    package static let geographies: Set<String> = ["us", "eu", "apac", "jp", "au", "ca", "in", "us-gov"]

    package init(_ modelID: String) {
        guard modelID.hasPrefix("arn:") else {
            self = Self.foundation(modelID)
            return
        }
        let parts = modelID.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 6, parts[2] == "bedrock", let slash = parts[5].firstIndex(of: "/") else {
            self = .other(modelID)
            return
        }
        let resource = String(parts[5][parts[5].index(after: slash)...])
        switch parts[5][..<slash] {
        case "foundation-model", "inference-profile": self = Self.foundation(resource)
        case "application-inference-profile": self = .applicationProfile(arn: modelID)
        default: self = .other(modelID)
        }
    }

    /// The model or profile of a `modelId` as reports name it: without the ARN where AWS defined it.
    package static func name(_ modelID: String) -> String {
        if case .foundation = InvokedModel(modelID), let slash = modelID.lastIndex(of: "/") {
            return String(modelID[modelID.index(after: slash)...])
        }
        return modelID
    }

    private static func foundation(_ id: String) -> Self {
        guard let dot = id.firstIndex(of: ".") else { return .foundation(id: id, routing: .regional) }
        let (prefix, rest) = (String(id[..<dot]), String(id[id.index(after: dot)...]))
        if prefix == "global" { return .foundation(id: rest, routing: .global) }
        return .foundation(id: geographies.contains(prefix) ? rest : id, routing: .regional)
    }
}

/// The routing that decides the price: a `global.` profile has one of its own, everything else that of the source region.
package enum Routing: String, Sendable, CaseIterable, Codable {
    case regional
    case global
}
