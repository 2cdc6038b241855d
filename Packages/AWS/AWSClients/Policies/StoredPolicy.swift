import BursarFoundation

/// A policy as IAM returns it, which any tool may have written: a text may take the place of a list of one.
///
/// Statements' ids and the order of values make no difference.
package struct StoredPolicy: Sendable, Equatable {
    package struct Statement: Sendable, Hashable {
        package let isAllow: Bool
        package let actions: Set<String>
        package let resources: Set<String>
        /// Kind, then principals; `*` alone is everybody, of the kind `*`.
        package let principals: [String: Set<String>]
        /// Operator, key, values.
        package let conditions: [String: [String: Set<String>]]
        /// `NotAction`, `NotResource` and `NotPrincipal`, by name.
        package let exceptions: [String: Set<String>]
    }

    package let statements: Set<Statement>

    /// Parses a policy; nil for a text that isn't one.
    package init?(_ json: String) {
        guard let stored = try? JSONDecoder().decode(Self.self, from: Data(json.utf8)) else { return nil }
        self = stored
    }
}

extension StoredPolicy: Decodable {
    private enum CodingKeys: String, CodingKey {
        case statements = "Statement"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        statements = Set(try fields.decode(OneOrMore<Statement>.self, forKey: .statements).values)
    }
}

extension StoredPolicy.Statement: Decodable {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case effect = "Effect"
        case actions = "Action"
        case resources = "Resource"
        case principals = "Principal"
        case conditions = "Condition"
        case exceptActions = "NotAction"
        case exceptResources = "NotResource"
        case exceptPrincipals = "NotPrincipal"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        func texts(_ key: CodingKeys) throws -> Set<String> {
            Set(try fields.decodeIfPresent(OneOrMore<ScalarText>.self, forKey: key)?.values.map(\.text) ?? [])
        }
        isAllow = try fields.decode(String.self, forKey: .effect) == "Allow"
        actions = try texts(.actions)
        resources = try texts(.resources)
        principals = try fields.decodeIfPresent(Principals.self, forKey: .principals)?.byKind ?? [:]
        let conditions = try fields.decodeIfPresent(
            [String: [String: OneOrMore<ScalarText>]].self,
            forKey: .conditions
        )
        self.conditions = (conditions ?? [:]).mapValues { $0.mapValues { Set($0.values.map(\.text)) } }
        var exceptions: [String: Set<String>] = [:]
        for key in [CodingKeys.exceptActions, .exceptResources] {
            let excepted = try texts(key)
            if !excepted.isEmpty { exceptions[key.rawValue] = excepted }
        }
        if let excepted = try fields.decodeIfPresent(Principals.self, forKey: .exceptPrincipals) {
            exceptions[CodingKeys.exceptPrincipals.rawValue] = Set(excepted.byKind.values.joined())
        }
        self.exceptions = exceptions
    }
}

/// A value, or a list of them.
private struct OneOrMore<Value: Decodable>: Decodable {
    let values: [Value]

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        values = try (try? container.decode([Value].self)) ?? [container.decode(Value.self)]
    }
}

/// A text, or a number or truth value that IAM takes for one.
private struct ScalarText: Decodable {
    let text: String

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let flag = try? container.decode(Bool.self) {
            text = flag ? "true" : "false"
        } else if let number = try? container.decode(Int64.self) {
            text = String(number)
        } else {
            text = try container.decode(String.self)
        }
    }
}

/// `{"Service": "…"}`, or `*`.
private struct Principals: Decodable {
    let byKind: [String: Set<String>]

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let everybody = try? container.decode(String.self) {
            byKind = [everybody: [everybody]]
        } else {
            byKind = try container.decode([String: OneOrMore<String>].self).mapValues { Set($0.values) }
        }
    }
}
