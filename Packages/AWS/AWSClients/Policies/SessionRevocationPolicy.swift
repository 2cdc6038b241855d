package import BursarFoundation
package import BursarModel

/// The inline policy that ends a researcher's sessions: it denies everything to those that AWS issued before a moment.
///
/// `aws:userid` ends in the session's name, after the last colon: ``SessionName``. No name has a colon or a wildcard, so
/// `*:ada` is the session named `ada` and no other, and each key's sessions are named one by one: a pattern for all of
/// them would match those of a researcher `ada+2` too. Keys that vended nothing for so long that none of their sessions
/// lives aren't named. SourceIdentity is tested as well, where the server sets it and all sessions are ended: sessions
/// that are older than the setting don't have one, and would slip through a condition on it alone.
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
package struct SessionRevocationPolicy: Sendable, Equatable {
    /// The denied sessions, all of them issued before a moment.
    package struct Cut: Sendable, Equatable {
        /// AWS's clock, whole seconds.
        package let before: Date
        /// Keys whose sessions are denied by name.
        package fileprivate(set) var keys: Set<KeyID>
        /// True if sessions named by the handle alone are denied.
        package let includesHandle: Bool
        /// Keys whose sessions of that name go on, by their tag; a session that has none is denied, since it may be of any
        /// key.
        package let sparing: Set<String>

        /// Sessions named by the handle alone, less those of some keys, and those named for `keys`.
        package init(before: Date, keys: Set<KeyID> = [], sparing: Set<String> = []) {
            self.init(before: before, keys: keys, includesHandle: true, sparing: sparing)
        }

        /// Sessions named for `keys`, and no others.
        package init(before: Date, only keys: Set<KeyID>) {
            self.init(before: before, keys: keys, includesHandle: false, sparing: [])
        }

        fileprivate init(before: Date, keys: Set<KeyID>, includesHandle: Bool, sparing: Set<String>) {
            self.before = before
            self.keys = keys
            self.includesHandle = includesHandle
            self.sparing = sparing
        }

        /// True if it ends all of the researcher's sessions, so that naming more of their keys denies no other ones.
        package var isOfAll: Bool { includesHandle && sparing.isEmpty }

        /// Returns true if this denies everything that `other` denies.
        func includes(_ other: Cut) -> Bool {
            before >= other.before && keys.isSuperset(of: other.keys)
                && (includesHandle ? sparing.isSubset(of: other.sparing) : !other.includesHandle)
        }
    }

    package static let prefix = "bursar-end-"
    /// The longest session of any role, independent of its maximum at the time of issue.
    package static let longestSession = TimeInterval(SessionDuration.longest.seconds)
    /// The clock skew, in seconds, below which a policy that still matters isn't taken for outdated.
    private static let slack: TimeInterval = 900

    package let handle: Handle
    /// None of them includes another.
    package private(set) var cuts: [Cut] = []
    /// True if SourceIdentity is tested as well as the session's name, where all sessions are denied.
    package private(set) var matchesSourceIdentity: Bool

    package init(_ handle: Handle, _ cut: Cut, matchesSourceIdentity: Bool) {
        self.handle = handle
        self.matchesSourceIdentity = matchesSourceIdentity && cut.includesHandle
        add(cut)
    }

    package var policyName: String { Self.prefix + handle.description }

    /// The latest of its cutoffs.
    package var before: Date { cuts.map(\.before).max() ?? .distantPast }

    /// Returns true if every session that it denies has expired.
    package func isOutdated(at awsDate: Date) -> Bool {
        before.addingTimeInterval(Self.longestSession + Self.slack) < awsDate
    }

    /// Returns true if it denies everything that `other` denies.
    package func includes(_ other: SessionRevocationPolicy) -> Bool {
        handle == other.handle && (matchesSourceIdentity || !other.matchesSourceIdentity)
            && other.cuts.allSatisfy { cut in cuts.contains { $0.includes(cut) } }
    }

    /// This one and what of an older one still matters at `awsDate`.
    package func joined(with older: SessionRevocationPolicy, at awsDate: Date) -> SessionRevocationPolicy {
        var joined = self
        joined.matchesSourceIdentity = matchesSourceIdentity || older.matchesSourceIdentity
        for cut in older.cuts where cut.before.addingTimeInterval(Self.longestSession + Self.slack) >= awsDate {
            joined.add(cut)
        }
        // It has no statement beside names of keys alone.
        if !joined.cuts.contains(where: \.includesHandle) { joined.matchesSourceIdentity = false }
        return joined
    }

    private mutating func add(_ cut: Cut) {
        var cut = cut
        // A handle that is too long for that goes alone.
        cut.keys = cut.keys.filter { SessionName(of: handle, key: $0) != nil }
        for index in cuts.indices {
            if cut.isOfAll, cuts[index].before <= cut.before { cut.keys.formUnion(cuts[index].keys) }
            if cuts[index].isOfAll, cuts[index].before >= cut.before { cuts[index].keys.formUnion(cut.keys) }
        }
        guard !cuts.contains(where: { $0.includes(cut) }) else { return }
        cuts = cuts.filter { !cut.includes($0) } + [cut]
        cuts.sort { $0.before < $1.before }
    }
}

// MARK: The document

extension SessionRevocationPolicy {
    private static let issueTime = "aws:TokenIssueTime"
    private static let userID = "aws:userid"
    private static let sourceIdentity = "aws:SourceIdentity"
    private static let keyTag = "aws:PrincipalTag/key"

    package var document: PolicyDocument {
        PolicyDocument(
            cuts.flatMap { cut in
                let tests = [("StringLike", Self.userID, names(of: cut).map { "*:\($0)" })]
                let identities =
                    matchesSourceIdentity && cut.includesHandle
                    ? [("StringEquals", Self.sourceIdentity, [handle.description])] : []
                return (tests + identities).map { test, name, values in
                    var condition: PolicyDocument.Conditions = [
                        "DateLessThan": [Self.issueTime: [Timestamp.string(cut.before)]], test: [name: values],
                    ]
                    if !cut.sparing.isEmpty { condition["StringNotEquals"] = [Self.keyTag: cut.sparing.sorted()] }
                    return PolicyDocument.Statement(
                        effect: .deny,
                        action: ["*"],
                        resource: ["*"],
                        condition: condition
                    )
                }
            }
        )
    }

    /// The names of the sessions that a cut denies, in order.
    private func names(of cut: Cut) -> [SessionName] {
        let names = cut.keys.compactMap { SessionName(of: handle, key: $0) }.sorted()
        return (cut.includesHandle ? [SessionName(of: handle)] : []) + names
    }

    /// Reads a role's inline policy back, also one of an earlier version, which named the handle alone; nil when it isn't
    /// one of these, to the letter of it.
    package init?(policyName: String, document: String) {
        guard policyName.hasPrefix(Self.prefix), let handle = Handle(String(policyName.dropFirst(Self.prefix.count))),
            let stored = try? JSONDecoder().decode(Stored.self, from: Data(document.utf8))
        else { return nil }
        var cuts: [Cut] = []
        for statement in stored.statements where statement.condition["StringEquals"] == nil {
            guard let cut = statement.cut(of: handle) else { return nil }
            cuts.append(cut)
        }
        guard let first = cuts.first else { return nil }
        let matchesSourceIdentity = stored.statements.contains { $0.condition["StringEquals"] != nil }
        self.init(handle, first, matchesSourceIdentity: matchesSourceIdentity)
        for cut in cuts.dropFirst() { add(cut) }
        self.matchesSourceIdentity = matchesSourceIdentity
        // Statement for statement as this program writes them, so that no foreign policy is taken for one of these.
        let written = self.document.statements.map(Statement.init)
        guard written.count == stored.statements.count, written.allSatisfy({ stored.statements.contains($0) }) else {
            return nil
        }
    }

    private struct Stored: Decodable {
        let statements: [Statement]

        private enum CodingKeys: String, CodingKey {
            case statements = "Statement"
        }
    }

    private struct Statement: Decodable, Equatable {
        let effect: String
        let action: [String]
        let resource: [String]
        let condition: PolicyDocument.Conditions

        private enum CodingKeys: String, CodingKey {
            case effect = "Effect"
            case action = "Action"
            case resource = "Resource"
            case condition = "Condition"
        }

        init(_ statement: PolicyDocument.Statement) {
            effect = statement.effect.rawValue
            action = statement.action
            resource = statement.resource ?? []
            condition = statement.condition ?? [:]
        }

        /// The sessions of `handle` that are denied by their names; nil if the statement has no time, or names others.
        func cut(of handle: Handle) -> Cut? {
            guard let times = condition["DateLessThan"]?[SessionRevocationPolicy.issueTime], times.count == 1,
                let before = Timestamp.date(times[0]),
                let patterns = condition["StringLike"]?[SessionRevocationPolicy.userID]
            else { return nil }
            let names = patterns.compactMap { $0.hasPrefix("*:") ? $0.dropFirst(2) : nil }
            let keys = names.compactMap { SessionName.parts(of: $0) }.filter { $0.handle == handle }.map(\.key)
            let includesHandle = names.contains { $0 == handle.description }
            guard !keys.isEmpty || includesHandle else { return nil }
            return Cut(
                before: before,
                keys: Set(keys),
                includesHandle: includesHandle,
                sparing: Set(condition["StringNotEquals"]?[SessionRevocationPolicy.keyTag] ?? [])
            )
        }
    }
}
