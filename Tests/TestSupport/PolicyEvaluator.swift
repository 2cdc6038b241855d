import BursarFoundation
import BursarModel

/// IAM's decision on a call, by the documented rules: an explicit deny wins, else what every policy in play allows.
///
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html. Bedrock can't be asked in
/// a test; this can. It knows the elements and operators that the programs write, and stops at any other.
package struct PolicyEvaluator {
    package enum Decision: String, Sendable, Equatable {
        case allowed
        case implicitlyDenied
        case explicitlyDenied
    }

    /// A call as IAM sees it: one action on one resource, with the keys that conditions can ask for.
    package struct Call: Sendable, CustomStringConvertible {
        package let action: String
        package let resource: String
        /// Lower-case names; more than one value only for keys that have several, as `aws:TagKeys`.
        package let context: [String: [String]]

        package init(_ action: String, on resource: String, _ context: [String: [String]] = [:]) {
            self.action = action
            self.resource = resource
            self.context = Dictionary(context.map { ($0.lowercased(), $1) }) { first, _ in first }
        }

        package var description: String { "\(action) on \(resource) \(context)" }
    }

    package struct UnknownElementError: Error, CustomStringConvertible {
        package let description: String
    }

    private let identity: [PolicyText]
    /// The session's own policy and a permissions boundary: nothing is allowed that one of them doesn't allow.
    private let limits: [PolicyText]

    /// - Parameters:
    ///   - identity: the policies of a role or user, as JSON.
    ///   - limits: policies that narrow it: a session policy, a permissions boundary.
    /// - Throws: what isn't a policy, or has elements that this doesn't know.
    package init(identity: [String], limits: [String] = []) throws {
        self.identity = try identity.map { try PolicyText($0) }
        self.limits = try limits.map { try PolicyText($0) }
    }

    package func decision(on call: Call) throws -> Decision {
        let outcomes = try (identity + limits).map { try $0.decision(on: call) }
        if outcomes.contains(.explicitlyDenied) { return .explicitlyDenied }
        let isGranted = outcomes.prefix(identity.count).contains(.allowed)
        return isGranted && outcomes.dropFirst(identity.count).allSatisfy { $0 == .allowed }
            ? .allowed : .implicitlyDenied
    }

    /// Returns true if a request gets through that AWS checks as all of `calls`.
    package func allows(_ calls: [Call]) throws -> Bool {
        try calls.allSatisfy { try decision(on: $0) == .allowed }
    }
}

/// One policy, as JSON has it: a text where there may be several is one.
private struct PolicyText: Decodable {
    let statements: [Statement]

    init(_ json: String) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(json.utf8))
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Element.self)
        try container.refuseUnknown(["Version", "Id", "Statement"])
        statements = try container.decode(OneOrMore<Statement>.self, forKey: "Statement").values
    }

    func decision(on call: PolicyEvaluator.Call) throws -> PolicyEvaluator.Decision {
        let matching = try statements.filter { try $0.matches(call) }
        if matching.contains(where: { $0.effect == "Deny" }) { return .explicitlyDenied }
        return matching.isEmpty ? .implicitlyDenied : .allowed
    }
}

private struct Statement: Decodable {
    let effect: String
    let actions: [String]
    let isExcept: Bool
    let resources: [String]
    let conditions: [String: [String: [String]]]

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Element.self)
        try container.refuseUnknown(["Sid", "Effect", "Action", "NotAction", "Resource", "Condition"])
        effect = try container.decode(String.self, forKey: "Effect")
        guard ["Allow", "Deny"].contains(effect) else {
            throw PolicyEvaluator.UnknownElementError(description: "Effect \(effect)")
        }
        isExcept = container.contains("NotAction")
        actions = try container.decode(OneOrMore<String>.self, forKey: isExcept ? "NotAction" : "Action").values
        resources = try container.decode(OneOrMore<String>.self, forKey: "Resource").values
        let conditions = try container.decodeIfPresent(
            [String: [String: OneOrMore<String>]].self,
            forKey: "Condition"
        )
        self.conditions = (conditions ?? [:]).mapValues { $0.mapValues(\.values) }
        guard
            !(resources + self.conditions.values.flatMap { $0.values.joined() }).contains(where: { $0.contains("${") })
        else { throw PolicyEvaluator.UnknownElementError(description: "a policy variable") }
    }

    func matches(_ call: PolicyEvaluator.Call) throws -> Bool {
        let isNamed = actions.contains { Wildcards.match($0.lowercased(), call.action.lowercased()) }
        guard isNamed != isExcept, resources.contains(where: { $0 == "*" || Wildcards.matchARN($0, call.resource) })
        else { return false }
        return try conditions.allSatisfy { name, keys in
            let test = try ConditionTest(name)
            return keys.allSatisfy { test.holds(call.context[$0.key.lowercased()], $0.value) }
        }
    }
}

/// One operator of conditions: `ForAllValues:StringEqualsIfExists`.
///
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
private struct ConditionTest {
    private enum Quantifier { case none, all, any }

    private let quantifier: Quantifier
    private let passesWhenMissing: Bool
    private let isNegated: Bool
    private let isNull: Bool
    private let fits: (_ value: String, _ pattern: String) -> Bool

    init(_ name: String) throws {
        var name = name
        if name.hasPrefix("ForAllValues:") {
            (quantifier, name) = (.all, String(name.dropFirst(13)))
        } else if name.hasPrefix("ForAnyValue:") {
            (quantifier, name) = (.any, String(name.dropFirst(12)))
        } else {
            quantifier = .none
        }
        let isOptional = name.hasSuffix("IfExists")
        if isOptional { name = String(name.dropLast(8)) }
        isNull = name == "Null"
        guard isNull || Self.positive[name] != nil || Self.negative[name] != nil else {
            throw PolicyEvaluator.UnknownElementError(description: "the operator \(name)")
        }
        isNegated = Self.negative[name] != nil
        fits = Self.positive[Self.negative[name] ?? name] ?? { _, _ in false }
        passesWhenMissing = isOptional || isNegated || quantifier == .all
    }

    /// `values` are the call's; nil when it has none under that key.
    func holds(_ values: [String]?, _ patterns: [String]) -> Bool {
        if isNull { return patterns.contains(values == nil ? "true" : "false") }
        guard let values, !values.isEmpty else { return passesWhenMissing && quantifier != .any }
        func passes(_ value: String) -> Bool { patterns.contains { fits(value, $0) } != isNegated }
        return quantifier == .all ? values.allSatisfy(passes) : values.contains(where: passes)
    }

    private static let negative = [
        "StringNotEquals": "StringEquals", "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
        "StringNotLike": "StringLike", "ArnNotEquals": "ArnLike", "ArnNotLike": "ArnLike", "NotIpAddress": "IpAddress",
    ]

    private static let positive: [String: @Sendable (String, String) -> Bool] = [
        "StringEquals": { $0 == $1 },
        "StringEqualsIgnoreCase": { $0.lowercased() == $1.lowercased() },
        "StringLike": { Wildcards.match($1, $0) },
        "ArnEquals": { Wildcards.matchARN($1, $0) },
        "ArnLike": { Wildcards.matchARN($1, $0) },
        "Bool": { $0.lowercased() == $1.lowercased() },
        // Both in UTC and to the second, so that they sort as texts.
        "DateLessThan": { $0 < $1 },
        "DateLessThanEquals": { $0 <= $1 },
        "DateGreaterThan": { $0 > $1 },
        "DateGreaterThanEquals": { $0 >= $1 },
        "IpAddress": { value, pattern in
            guard let address = IPAddress(value), let block = CIDRBlock(pattern) else { return false }
            return block.contains(address)
        },
    ]
}

private enum Wildcards {
    /// `*` is any characters, `?` one.
    static func match(_ pattern: String, _ text: String) -> Bool {
        let pattern = Array(pattern.unicodeScalars)
        let text = Array(text.unicodeScalars)
        var (p, t) = (0, 0)
        var star: (pattern: Int, text: Int)?
        while t < text.count {
            if p < pattern.count, pattern[p] == "*" {
                star = (p, t)
                p += 1
            } else if p < pattern.count, pattern[p] == "?" || pattern[p] == text[t] {
                (p, t) = (p + 1, t + 1)
            } else if let last = star {
                star = (last.pattern, last.text + 1)
                (p, t) = (last.pattern + 1, last.text + 1)
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == "*" }
    }

    /// Each of the six parts for itself: a `*` reaches over no colon but those of the last part.
    static func matchARN(_ pattern: String, _ arn: String) -> Bool {
        func parts(_ text: String) -> [String] {
            text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false).map(String.init)
        }
        let (patterns, texts) = (parts(pattern), parts(arn))
        return patterns.count == texts.count && zip(patterns, texts).allSatisfy { match($0, $1) }
    }
}

// MARK: JSON as IAM takes it

/// A value, or a list of them.
private struct OneOrMore<Value: Decodable>: Decodable {
    let values: [Value]

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let list = try? container.decode([Value].self) {
            values = list
        } else {
            values = [try container.decode(Value.self)]
        }
    }
}

private struct Element: CodingKey, ExpressibleByStringLiteral {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringLiteral value: String) { stringValue = value }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

extension KeyedDecodingContainer<Element> {
    fileprivate func refuseUnknown(_ known: Set<String>) throws {
        if let unknown = allKeys.first(where: { !known.contains($0.stringValue) }) {
            throw PolicyEvaluator.UnknownElementError(description: "the element \(unknown.stringValue)")
        }
    }
}
