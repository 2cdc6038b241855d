/// What executing a change set would do to one resource.
public struct ResourceChange: Sendable, Equatable {
    /// Words that AWS may add to are kept as it writes them.
    public enum Action: Sendable, Equatable {
        case add
        case modify
        case remove
        case other(String)

        init(_ word: String) {
            switch word {
            case "Add": self = .add
            case "Modify": self = .modify
            case "Remove": self = .remove
            default: self = .other(word)
            }
        }
    }

    /// Whether a new resource takes the place of the old one, and gets another id.
    public enum Replacement: String, Sendable {
        case always = "True"
        case never = "False"
        /// It depends on values that are known only then.
        case conditional = "Conditional"
    }

    /// One thing about the resource that changes.
    public struct Detail: Sendable, Equatable {
        /// What kind of thing it is: `Properties`, `Tags`, `Metadata`, `DeletionPolicy`.
        public let attribute: String
        /// Of the property, where it is one.
        public let name: String?
        /// `Never`, `Conditionally`, `Always`.
        public let requiresRecreation: String?
        /// Whether it may turn out, when it is executed, not to change at all.
        public let isDynamic: Bool

        init?(_ element: XMLElement) {
            guard let target = element["Target"], let attribute = target.words("Attribute") else { return nil }
            self.attribute = attribute
            name = target.words("Name")
            requiresRecreation = target.words("RequiresRecreation")
            isDynamic = element.words("Evaluation") == "Dynamic"
        }
    }

    public let action: Action
    public let logicalID: String
    public let physicalID: String?
    public let type: String
    /// nil where AWS doesn't say, as for what is added or removed.
    public let replacement: Replacement?
    /// What becomes of the old resource, `Delete`, `Retain`, `ReplaceAndDelete`; nil where AWS doesn't say.
    public let policyAction: String?
    public let scope: [String]
    public let details: [Detail]

    init?(_ element: XMLElement) {
        guard let action = element.words("Action"), let logicalID = element.words("LogicalResourceId"),
            let type = element.words("ResourceType")
        else { return nil }
        self.action = Action(action)
        self.logicalID = logicalID
        self.type = type
        physicalID = element.words("PhysicalResourceId")
        replacement = element.words("Replacement").flatMap { Replacement(rawValue: $0) }
        policyAction = element.words("PolicyAction")
        scope = (element["Scope"]?.children ?? []).map(\.text)
        details = (element["Details"]?.children ?? []).compactMap { Detail($0) }
    }
}
