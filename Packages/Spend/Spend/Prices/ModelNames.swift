/// The names by which price lists know the models of log records.
package struct ModelNames: Sendable {
    /// The names of a foundation model by its id: the price list's, and the one that `ListFoundationModels` gives, which
    /// often is the same.
    private var names: [String: [String]]
    /// The operator's own: a price list's name by a model's id, or a model's id by an application profile's ARN.
    private var aliases: [String: String]

    package init(names: [String: [String]] = [:], aliases: [String: String] = [:]) {
        self.names = names
        self.aliases = aliases
    }

    /// Adds the name of a model that isn't known yet by that name.
    package mutating func add(_ name: String, of id: String) {
        if names[id]?.contains(name) != true { names[id, default: []].append(name) }
    }

    /// The names and the routing that decide the price of calls with this `modelId`; no name if none is known.
    ///
    /// A name is a price list's only if it is exactly that: no prefix, no family, no similar name.
    package func pricing(of modelID: String) -> (names: [String], routing: Routing) {
        switch InvokedModel(modelID) {
        case .foundation(let id, let routing):
            return (names(of: id), routing)
        case .applicationProfile(let arn):
            guard let target = aliases[arn], case .foundation(let id, let routing) = InvokedModel(target) else {
                return ([], .regional)
            }
            return (names(of: id), routing)
        case .other(let text):
            return (aliases[text].map { [PriceKey.name($0)] } ?? [], .regional)
        }
    }

    private func names(of id: String) -> [String] {
        if let alias = aliases[id] { return [PriceKey.name(alias)] }
        return names[id, default: []].map(PriceKey.name)
    }
}
