import AWSAuth
import AWSClients
import BursarFoundation
import BursarModel

/// A JSON value of a CloudFormation template.
indirect enum TemplateValue: Equatable, Codable {
    case text(String)
    case number(Int)
    case flag(Bool)
    case list([TemplateValue])
    case object([String: TemplateValue])

    /// A reference to a resource or a pseudo parameter: `VolumeId`, `AWS::Region`.
    static func reference(_ name: String) -> Self { ["Ref": .text(name)] }

    /// An attribute of a resource.
    static func attribute(_ name: String, of resource: String) -> Self {
        ["Fn::GetAtt": [.text(resource), .text(name)]]
    }

    /// A policy document whose variables `${ServerRole.Arn}` and `${AWS::AccountId}` CloudFormation substitutes.
    ///
    /// ARNs of `partition` become those of the stack's partition. No value that an operator may type into a document
    /// contains a `$`: patterns of models, regions and external ids.
    static func substituting(_ document: PolicyDocument, in partition: Partition) throws -> Self {
        try JSONDecoder().decode(Self.self, from: JSONEncoder().encode(document))
            .substituted("arn:\(partition.rawValue):")
    }

    private func substituted(_ arn: String) -> Self {
        switch self {
        case .text(let text):
            Self.substituted(text.hasPrefix(arn) ? "arn:${AWS::Partition}:" + text.dropFirst(arn.count) : text)
        case .list(let values): .list(values.map { $0.substituted(arn) })
        case .object(let values): .object(values.mapValues { $0.substituted(arn) })
        case .number, .flag: self
        }
    }

    private static func substituted(_ text: String) -> Self {
        guard text.contains("${") else { return .text(text) }
        guard text.hasPrefix("${"), text.hasSuffix("}"), text.count(where: { $0 == "$" }) == 1 else {
            return ["Fn::Sub": .text(text)]
        }
        let name = text.dropFirst(2).dropLast()
        guard let dot = name.firstIndex(of: ".") else { return reference(String(name)) }
        return attribute(String(name[name.index(after: dot)...]), of: String(name[..<dot]))
    }

    /// Returns JSON.
    ///
    /// Equal values give equal text, so that an unchanged template leaves the stack unchanged.
    func json() throws -> String {
        try StableJSON.text(self, isIndented: true)
    }

    // MARK: Codable

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode(Bool.self) {
            self = .flag(value)
        } else if let value = try? container.decode(Int.self) {
            self = .number(value)
        } else if let value = try? container.decode([TemplateValue].self) {
            self = .list(value)
        } else {
            self = .object(try container.decode([String: TemplateValue].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .flag(let value): try container.encode(value)
        case .list(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }
}

extension TemplateValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    init(stringLiteral value: String) { self = .text(value) }
    init(integerLiteral value: Int) { self = .number(value) }
    init(booleanLiteral value: Bool) { self = .flag(value) }
}

extension TemplateValue: ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
    init(arrayLiteral values: TemplateValue...) { self = .list(values) }
    init(dictionaryLiteral values: (String, TemplateValue)...) {
        self = .object(Dictionary(values) { _, last in last })
    }
}
