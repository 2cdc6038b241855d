/// The names by which price lists know the models of log records.
package struct ModelNames: Sendable {
    /// The list's name by the id of a foundation model.
    private var names: [String: String]
    /// The operator's own: a price list's name by a model's id, or a model's id by an application profile's ARN.
    private var aliases: [String: String]

    package init(names: [String: String] = [:], aliases: [String: String] = [:]) {
        self.names = names
        self.aliases = aliases
    }

    /// The name and routing that decide the price of calls with this `modelId`; nil if they aren't known.
    ///
    /// The match is exact: no prefix, no family, no similar name.
    package func pricing(of modelID: String) -> (name: String, routing: Routing)? {
        switch InvokedModel(modelID) {
        case .foundation(let id, let routing):
            return name(of: id).map { ($0, routing) }
        case .applicationProfile(let arn):
            guard let target = aliases[arn] else { return nil }
            guard case .foundation(let id, let routing) = InvokedModel(target) else { return nil }
            return name(of: id).map { ($0, routing) }
        case .other(let text):
            return aliases[text].map { (PriceKey.name($0), .regional) }
        }
    }

    private func name(of id: String) -> String? {
        (aliases[id] ?? names[id]).map(PriceKey.name)
    }
}
