import AWSAuth
import AWSClients
package import BursarFoundation
package import BursarModel
package import ServerSettings
package import Vending

/// The decision on a hypothetical request with one key.
package struct KeyDecision: Encodable {
    enum Decision: String, Encodable {
        case vend
        case refuse
        /// The decision depends on missing details.
        case open
    }

    struct Session: Encodable {
        /// Its name in AWS; nil if it is simulated.
        let name: String?
        let seconds: Int
        let ends: String
        let role: String?
        let policy: PolicyDocument?
        let policySize: Int?
        let policyLimit = SessionPolicy.longest

        enum CodingKeys: String, CodingKey {
            case name, seconds, ends, role, policy, policySize, policyLimit
        }
    }

    /// The name of the rule for STS's own limit, above which it refuses the session policy.
    static let policyRule = "session_policy"

    let key: String
    let label: String?
    /// The key's project, which decides on the role; nil if its row makes no sense.
    let project: String?
    let decision: Decision
    /// The first rule that refuses.
    let rule: String?
    /// The error code of the server's response.
    let code: String?
    let rules: [RuleDecision]
    let rate: String
    let session: Session?
    let model: String?
    /// nil when only AWS can decide.
    let modelAllowed: Bool?
    /// The reason of a refusal.
    let modelReason: String?

    /// `record` is the key's row, nil if it can't be read; `used` is the number of its vends on the request's day.
    package init(
        of record: KeyRecord?,
        id: KeyID,
        label: String?,
        used: Int,
        _ question: WhatIfRequest,
        _ view: LocalServerSettings,
        pausedSince: Date?
    ) {
        key = id.description
        self.label = label
        project = record?.project
        model = question.model?.name
        guard let record else {
            (decision, rule, code) = (.refuse, "row", ErrorCode.internal.rawValue)
            rules = [RuleDecision(rule: "row", outcome: .refuses, detail: "the key's row makes no sense")]
            (rate, session, modelAllowed, modelReason) = ("-", nil, nil, nil)
            return
        }
        var asked = VendRequest(terms: view.terms, key: record, address: question.address, date: question.date)
        asked.form = question.region.map { CredentialForm.token(region: $0) } ?? .credentials
        asked.isPaused = pausedSince != nil
        asked.used = used
        let words = RuleDescriptions(
            question: question,
            view: view,
            record: record,
            used: used,
            pausedSince: pausedSince
        )
        var rules = VendingRule.allCases.map { words.decision($0, asked) }
        let session = record.end > question.date ? Self.session(record, view, at: question.date) : nil
        rules.append(Self.decision(of: session))
        self.rules = rules
        self.session = session
        let rate = record.terms.rate ?? view.terms.rate
        self.rate = "\(rate.perSecond) requests a second, \(rate.burst) at once"
        let role = try? ARN(view.role.arn(for: record.project))
        switch question.model?.decision(record.terms.models, role: role, view.partition) {
        case .allowed: (modelAllowed, modelReason) = (true, nil)
        case .refused(let reason): (modelAllowed, modelReason) = (false, reason)
        case .unknown, nil: (modelAllowed, modelReason) = (nil, nil)
        }
        let isTooLarge = rules.last?.outcome == .refuses
        if let refusal = asked.refusal(by: VendingRule.allCases) {
            (decision, rule, code) = (.refuse, refusal.rule.rawValue, refusal.code.rawValue)
        } else if isTooLarge {
            (decision, rule, code) = (.refuse, Self.policyRule, ErrorCode.roleRefused.rawValue)
        } else {
            let isOpen = rules.contains { $0.outcome == .unknown }
            (decision, rule, code) = (isOpen ? .open : .vend, nil, nil)
        }
    }

    /// The session as it would be requested from AWS.
    private static func session(_ record: KeyRecord, _ view: LocalServerSettings, at date: Date) -> Session {
        let length = SessionLength(for: record, standard: view.terms.sessionDuration, at: date)
        let end = min(date.addingTimeInterval(TimeInterval(length.duration.seconds)), length.notAfter ?? .distantFuture)
        let policy = view.role.sessionPolicy(
            models: record.terms.models,
            allowed: record.terms.allowed,
            end: length.notAfter
        )
        let document = view.isSimulated || policy.isEmpty ? nil : policy.policy(view.partition)
        let role = view.role.arn(for: record.project)
        let name = SessionName(
            of: record.researcher,
            key: record.id,
            view.role.sessionName,
            hasNamesake: record.hasNamesake
        )
        return Session(
            name: view.isSimulated ? nil : name.description,
            seconds: Int(end.timeIntervalSince(date)),
            ends: Timestamp.string(end),
            role: role.isEmpty || view.isSimulated ? nil : role,
            policy: document,
            policySize: document.flatMap { try? $0.size() }
        )
    }

    private static func decision(of session: Session?) -> RuleDecision {
        guard let session, let size = session.policySize else {
            return RuleDecision(rule: policyRule, outcome: .passes, detail: "none is sent")
        }
        return RuleDecision(
            rule: policyRule,
            outcome: size > session.policyLimit ? .refuses : .passes,
            detail: "\(size) of \(session.policyLimit) characters; AWS also limits a packed size"
        )
    }
}

/// The decision of one rule, and its reason.
struct RuleDecision: Encodable {
    enum Outcome: String, Encodable {
        case passes
        case refuses
        /// A detail that the rule needs is missing.
        case unknown
    }

    let rule: String
    let outcome: Outcome
    let detail: String
}

/// The facts behind the rules, in words.
struct RuleDescriptions {
    let question: WhatIfRequest
    let view: LocalServerSettings
    let record: KeyRecord
    let used: Int
    let pausedSince: Date?

    func decision(_ rule: VendingRule, _ asked: VendRequest) -> RuleDecision {
        let outcome: RuleDecision.Outcome =
            if asked.refusal(by: rule) != nil { .refuses } else if isUnknown(rule) { .unknown } else { .passes }
        return RuleDecision(rule: rule.rawValue, outcome: outcome, detail: detail(of: rule))
    }

    private func isUnknown(_ rule: VendingRule) -> Bool {
        guard question.address == nil else { return false }
        return switch rule {
        case .serverAddresses: view.terms.allowed != .everywhere
        case .keyAddresses: record.terms.allowed != nil
        case .keyState, .region, .paused, .quota: false
        }
    }

    private func detail(of rule: VendingRule) -> String {
        switch rule {
        case .serverAddresses: "\(address); the server takes \(view.terms.allowed)"
        case .keyState: state
        case .keyAddresses: "\(address); the key takes \(record.terms.allowed?.description ?? "any")"
        case .region: region
        case .paused: pausedSince.map { "vending is stopped since \(Timestamp.string($0))" } ?? "vending goes on"
        case .quota: quota
        }
    }

    private var address: String {
        question.address.map { "from \($0)" } ?? "no --ip"
    }

    /// The status of the key and its researcher, as far as it affects the decision.
    private var state: String {
        var words: [String] = []
        if record.isCanary { words.append("a canary: it never vends, and its use is an alarm") }
        if let revoked = record.revoked { words.append("revoked at \(Timestamp.string(revoked))") }
        let isOver = record.expires <= question.date
        words.append("\(isOver ? "expired" : "expires") at \(Timestamp.string(record.expires))")
        let owner = record.owner
        if let disabled = owner.disabled {
            words.append("\(owner.handle) is disabled since \(Timestamp.string(disabled))")
        }
        if let ends = owner.ends {
            let verb = ends <= question.date ? "ended" : "ends"
            words.append("\(owner.handle)'s stay \(verb) at \(Timestamp.string(ends))")
        }
        return words.joined(separator: ", ")
    }

    private var region: String {
        let offered = view.terms.regions.isEmpty ? "nowhere" : "in " + view.terms.regions.joined(separator: ", ")
        return (question.region.map { "a token for \($0)" } ?? "no --token-region") + "; tokens are offered \(offered)"
    }

    private var quota: String {
        let (day, limit) = (UTCDay(containing: question.date), view.terms.dailyLimit(of: record))
        let source = record.terms.dailyLimit == nil ? "the server's" : "the key's"
        let words = "\(used) of \(limit) used on \(day), \(source) limit"
        return day > UTCDay(containing: question.today) ? words + "; that day hasn't begun" : words
    }
}
