import BursarFoundation
import BursarModel
import ServerSettings
import Storage
import Vending

/// What one rule says, and why.
struct RuleDecision: Encodable {
    enum Outcome: String, Encodable {
        case passes
        case refuses
        /// What it asks about wasn't given.
        case unknown
    }

    let rule: String
    let outcome: Outcome
    let detail: String
}

/// The facts that rules go by, in words.
struct RuleDescriptions {
    let question: WhatIfRequest
    let view: LocalServerSettings
    let record: KeyRecord
    let used: Int
    let pausedSince: Date?

    func answer(_ rule: VendingRule, _ asked: VendRequest) -> RuleDecision {
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

    /// Everything that the key's row and the researcher's say of whether it may be used at all.
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
