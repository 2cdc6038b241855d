import BursarConsole
import BursarFoundation
import BursarModel

/// The models that a stack's template lets researchers invoke.
enum AllowedModels {
    private static let mark = ":foundation-model/"

    /// - Throws: ``UserFacingError`` when none are named.
    static func read(_ template: String) throws(UserFacingError) -> ModelList {
        let value = try? JSONDecoder().decode(TemplateValue.self, from: Data(template.utf8))
        var patterns: [String] = []
        for text in value.map({ texts($0) }) ?? [] {
            guard let found = text.firstRange(of: mark) else { continue }
            let pattern = String(text[found.upperBound...])
            if !patterns.contains(pattern) { patterns.append(pattern) }
        }
        guard !patterns.isEmpty else {
            throw UserFacingError(
                "the stack's template names no models",
                hint: "admin aws plan shows what apply would change"
            )
        }
        return try ModelsParser(patterns.sorted()).read { _ in }
    }

    /// Every text in it, but what a statement denies.
    private static func texts(_ value: TemplateValue) -> [String] {
        switch value {
        case .text(let text): [text]
        case .list(let values): values.flatMap { texts($0) }
        case .object(let values): values["Effect"] == "Deny" ? [] : values.values.flatMap { texts($0) }
        case .number, .flag: []
        }
    }
}
