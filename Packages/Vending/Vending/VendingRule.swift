package import BursarFoundation
package import BursarModel

/// The rules of a vend, in the order in which they are applied: the first that refuses decides.
///
/// The verifier checks the secret after the first of them, and the rate limiter the requests per second.
package enum VendingRule: String, CaseIterable, Sendable {
    /// The server's own list of addresses, before anything is hashed.
    case serverAddresses = "server_addresses"
    /// The ``KeyStatus``: canary, revoked, expired, disabled or ended.
    case keyState = "key_state"
    case keyAddresses = "key_addresses"
    /// The region of a requested bearer token.
    case region
    /// The operator's switch that stops all vending.
    case paused
    /// The key's vends per day.
    case quota

    /// Rules that apply once the secret proved right, before anything else of the request counts.
    package static let admission = [Self.keyState, .keyAddresses]
    /// Rules that apply to each vend.
    package static let standing = [Self.region, .paused, .quota]
}

/// The facts that the rules decide on; nil is an unknown fact, which no rule refuses.
package struct VendRequest: Sendable {
    package let terms: ServerTerms
    package let key: KeyRecord?
    package let address: IPAddress?
    package let date: Date
    package var form: CredentialForm?
    package var isPaused: Bool?
    /// Vends of the key on that day, including those under way.
    package var used: Int?

    package init(terms: ServerTerms, key: KeyRecord?, address: IPAddress?, date: Date) {
        self.terms = terms
        self.key = key
        self.address = address
        self.date = date
    }

    /// Returns the first of `rules` that refuses, and its code.
    package func refusal(by rules: [VendingRule]) -> (rule: VendingRule, code: ErrorCode)? {
        for rule in rules {
            if let code = refusal(by: rule) { return (rule, code) }
        }
        return nil
    }

    /// Returns one rule's refusal; nil if it has none, or its facts are unknown.
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

/// The server's own limits, which hold for every key, and its defaults for keys without restrictions.
package struct ServerTerms: Sendable, Equatable {
    /// Addresses that may send requests at all.
    package var allowed: AddressList
    package var rate: RequestRate
    /// The limit for all keys together; nil is no limit.
    package var totalRate: RequestRate?
    /// Vends per key and UTC day.
    package var dailyLimit: Int
    package var sessionDuration: SessionDuration
    /// Regions that bearer tokens are offered for; the first is the default.
    package var regions: [String]

    package init(
        allowed: AddressList = .everywhere,
        rate: RequestRate = .standard,
        totalRate: RequestRate? = nil,
        dailyLimit: Int = 10_000,
        sessionDuration: SessionDuration = .oneHour,
        regions: [String] = []
    ) {
        self.allowed = allowed
        self.rate = rate
        self.totalRate = totalRate
        self.dailyLimit = dailyLimit
        self.sessionDuration = sessionDuration
        self.regions = regions
    }

    /// The vends that `key` may have on a UTC day.
    package func dailyLimit(of key: KeyRecord) -> Int {
        key.terms.dailyLimit ?? dailyLimit
    }
}
