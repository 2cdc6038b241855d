package import BursarFoundation
package import BursarModel

/// The rules of a vend, in the order in which they are asked: the first that says no decides.
///
/// That the secret is right comes after the first of them, and is the verifier's to say; how often a key may be used
/// a second, the rate limiter's.
package enum VendingRule: String, CaseIterable, Sendable {
    /// The server's own list of addresses, before anything is hashed.
    case serverAddresses = "server_addresses"
    /// Whether the key and its researcher may be used at all: canary, revoked, expired, disabled or ended.
    case keyState = "key_state"
    case keyAddresses = "key_addresses"
    /// Where a bearer token is asked for.
    case region
    /// The operator's switch.
    case paused
    /// Vends that are left of the day's.
    case quota

    /// Those that are asked once the secret proved right, before anything else of the request counts.
    package static let admission = [Self.keyState, .keyAddresses]
    /// Those that are asked of each vend.
    package static let standing = [Self.region, .paused, .quota]
}

/// What the rules are asked about; nil where it isn't known, which no rule refuses.
package struct VendRequest: Sendable {
    package let terms: ServerTerms
    package let key: KeyRecord?
    package let address: IPAddress?
    package let date: Date
    package var form: CredentialForm?
    package var isPaused: Bool?
    /// Vends of the key on that day, those on their way included.
    package var used: Int?

    package init(terms: ServerTerms, key: KeyRecord?, address: IPAddress?, date: Date) {
        self.terms = terms
        self.key = key
        self.address = address
        self.date = date
    }

    /// The first of `rules` that says no, and its word.
    package func refusal(by rules: [VendingRule]) -> (rule: VendingRule, code: ErrorCode)? {
        for rule in rules {
            if let code = refusal(by: rule) { return (rule, code) }
        }
        return nil
    }

    /// One rule's no; nil when it has none, or isn't told what it asks about.
    package func refusal(by rule: VendingRule) -> ErrorCode? {
        switch rule {
        case .serverAddresses:
            address.map { terms.allowed.contains($0) } == false ? .addressRefused : nil
        case .keyState:
            key?.refusal(at: date)
        case .keyAddresses:
            if let address, let allowed = key?.terms.allowed, !allowed.contains(address) {
                .addressRefused
            } else {
                nil
            }
        case .region:
            if case .token(let region)? = form, !terms.regions.contains(region) { .regionRefused } else { nil }
        case .paused:
            isPaused == true ? .paused : nil
        case .quota:
            if let used, let key, used >= terms.dailyLimit(of: key) { .quotaExhausted } else { nil }
        }
    }
}

extension ServerTerms {
    /// Vends that `key` may have a UTC day.
    package func dailyLimit(of key: KeyRecord) -> Int {
        key.terms.dailyLimit ?? dailyLimit
    }
}
