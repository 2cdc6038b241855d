package import BursarFoundation
package import BursarModel

/// The inline policy that ends a researcher's sessions: it denies everything to those that AWS issued before a moment.
///
/// Every session that the server makes has the handle as its name, which is what `aws:userid` ends in after the last
/// colon; no name has a colon, and no handle a wildcard, so `*:ada` is ada and no other. SourceIdentity is
/// tested as well, where the server sets it: sessions that are older than the setting don't have one, and would slip
/// through a condition on it alone.
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
package struct SessionRevocationPolicy: Sendable, Equatable {
    /// The denied sessions: those issued before a moment, except those of some keys.
    package struct Cut: Sendable, Equatable {
        /// AWS's clock, whole seconds.
        package let before: Date
        /// Keys whose sessions go on, by their tag; a session that has none is denied, since it may be of any key.
        package let sparing: Set<String>

        package init(before: Date, sparing: Set<String> = []) {
            self.before = before
            self.sparing = sparing
        }

        /// Returns true if this denies everything that `other` denies.
        func includes(_ other: Cut) -> Bool {
            before >= other.before && sparing.isSubset(of: other.sparing)
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
    /// True if SourceIdentity is tested as well as the session's name.
    package private(set) var matchesSourceIdentity: Bool

    package init(_ handle: Handle, _ cut: Cut, matchesSourceIdentity: Bool) {
        self.handle = handle
        self.matchesSourceIdentity = matchesSourceIdentity
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
        return joined
    }

    private mutating func add(_ cut: Cut) {
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
                let names = [("StringLike", Self.userID, "*:\(handle)")]
                let identities =
                    matchesSourceIdentity ? [("StringEquals", Self.sourceIdentity, handle.description)] : []
                return (names + identities).map { test, name, value in
                    var condition: PolicyDocument.Conditions = [
                        "DateLessThan": [Self.issueTime: [Timestamp.string(cut.before)]], test: [name: [value]],
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

    /// Reads a role's inline policy back; nil when it isn't one of these, to the letter of it.
    package init?(policyName: String, document: String) {
        guard policyName.hasPrefix(Self.prefix), let handle = Handle(String(policyName.dropFirst(Self.prefix.count))),
            let stored = try? JSONDecoder().decode(Stored.self, from: Data(document.utf8))
        else { return nil }
        var cuts: [Cut] = []
        for statement in stored.statements {
            guard let cut = statement.cut else { return nil }
            cuts.append(cut)
        }
        guard let first = cuts.first else { return nil }
        let matchesSourceIdentity = stored.statements.contains { $0.condition["StringEquals"] != nil }
        self.init(handle, first, matchesSourceIdentity: matchesSourceIdentity)
        for cut in cuts.dropFirst() { add(cut) }
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

        /// The denied sessions; nil if the statement has no time.
        var cut: Cut? {
            guard let times = condition["DateLessThan"]?[SessionRevocationPolicy.issueTime], times.count == 1,
                let before = Timestamp.date(times[0])
            else { return nil }
            return Cut(
                before: before,
                sparing: Set(condition["StringNotEquals"]?[SessionRevocationPolicy.keyTag] ?? [])
            )
        }
    }
}
