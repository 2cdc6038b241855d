import AWSAuth
package import AWSClients
package import Deployment

/// The regions that the policies of a role allow models to be called in: those whose invocation logs have its calls.
package enum AllowedRegions: Sendable, Equatable {
    case named(Set<String>)
    /// A policy allows calls without naming a region, or in a way that can't be read here.
    case anywhere

    /// Reads the regions from conditions on `aws:RequestedRegion` and on the region of `bedrock:InferenceProfileArn`.
    ///
    /// Other conditions are left out, and so are denies, except those of all regions but some: the result may have
    /// regions that aren't allowed, and lacks none that is.
    package init(_ policies: [StoredPolicy]) {
        let statements = policies.flatMap(\.statements).filter(\.concernsInvocations)
        var allowed = Self.named([])
        for statement in statements where statement.isAllow {
            allowed = allowed.union(statement.allowedRegions)
        }
        for statement in statements where !statement.isAllow {
            guard let spared = statement.sparedRegions else { continue }
            allowed = allowed.intersection(spared)
        }
        self = allowed
    }

    private func union(_ other: Self) -> Self {
        guard case .named(let own) = self, case .named(let others) = other else { return .anywhere }
        return .named(own.union(others))
    }

    private func intersection(_ others: Set<String>) -> Self {
        switch self {
        case .named(let own): .named(own.intersection(others))
        case .anywhere: .named(others)
        }
    }
}

extension StoredPolicy.Statement {
    private static let requestedRegion = "aws:requestedregion"
    private static let profile = "bedrock:inferenceprofilearn"
    /// AWS's word for the region of a `global.` profile's models.
    private static let unspecified = "unspecified"

    /// True if it speaks of calls that a log records.
    fileprivate var concernsInvocations: Bool {
        let calls = ["bedrock:invokemodel", "bedrock:invokemodelwithresponsestream"]
        if let excepted = exceptions["NotAction"] {
            return !calls.allSatisfy { call in excepted.contains { Self.matches($0, call) } }
        }
        return calls.contains { call in actions.contains { Self.matches($0, call) } }
    }

    /// The regions of an allow.
    fileprivate var allowedRegions: AllowedRegions {
        for (test, keys) in conditions {
            for (key, values) in keys {
                let regions: Set<String>
                switch (key.lowercased(), test) {
                case (Self.requestedRegion, "StringEquals"), (Self.requestedRegion, "StringEqualsIgnoreCase"),
                    (Self.requestedRegion, "StringLike"):
                    regions = values
                case (Self.profile, "ArnLike"), (Self.profile, "ArnEquals"), (Self.profile, "StringLike"),
                    (Self.profile, "StringEquals"):
                    regions = Set(values.map { Self.region(ofARN: $0) })
                default: continue
                }
                guard !regions.contains(where: { $0.contains("*") || $0.contains("?") }) else { continue }
                return .named(Set(regions.map { $0.lowercased() }).subtracting([Self.unspecified]))
            }
        }
        return .anywhere
    }

    /// The only regions that a deny leaves; nil for one of another kind.
    fileprivate var sparedRegions: Set<String>? {
        guard conditions.count == 1, let (test, keys) = conditions.first, test == "StringNotEquals", keys.count == 1,
            let (key, values) = keys.first, key.lowercased() == Self.requestedRegion, resources.contains("*")
        else { return nil }
        return values.subtracting([Self.unspecified])
    }

    private static func region(ofARN arn: String) -> String {
        let parts = arn.split(separator: ":", maxSplits: 4, omittingEmptySubsequences: false)
        return parts.count > 3 ? String(parts[3]) : "*"
    }

    /// Returns true if `call`, in lower case, is of the actions that `pattern` names.
    private static func matches(_ pattern: String, _ call: String) -> Bool {
        var rest = Substring(call)
        let parts = pattern.lowercased().split(separator: "*", omittingEmptySubsequences: false)
        guard parts.count > 1, let first = parts.first, let last = parts.last else {
            return pattern.lowercased() == call
        }
        guard rest.hasPrefix(first) else { return false }
        rest = rest.dropFirst(first.count)
        for part in parts.dropFirst().dropLast() where !part.isEmpty {
            guard let found = rest.firstRange(of: part) else { return false }
            rest = rest[found.upperBound...]
        }
        return rest.hasSuffix(last)
    }
}

extension AWSAccount {
    /// Returns the regions that the policies of `role` allow models to be called in.
    ///
    /// - Throws: ``MissingRole``.
    package func allowedRegions(of role: RoleName) async throws -> AllowedRegions {
        guard let found = try await iam.role(role.name), found.arn == role.arn else { throw MissingRole(role: role) }
        var policies: [StoredPolicy] = []
        for name in try await iam.policies(of: .role(role.name)) {
            guard let json = try await iam.policy(name, of: .role(role.name)) else { continue }
            guard let policy = StoredPolicy(json) else { return .anywhere }
            policies.append(policy)
        }
        for attached in try await iam.attachedPolicies(of: .role(role.name)) {
            guard let json = try await iam.managedPolicy(arn: attached.arn) else { continue }
            guard let policy = StoredPolicy(json) else { return .anywhere }
            policies.append(policy)
        }
        return AllowedRegions(policies)
    }
}
