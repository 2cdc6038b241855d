package import BursarCore

/// What the holder of a key is allowed; nil leaves it to the server's ``ServerTerms``.
package struct KeyTerms: Sendable, Equatable {
    /// Where the key may be used from, besides what the server allows.
    package var allowed: AddressList?
    /// The models that its sessions may invoke; nil is all that the role allows.
    package var models: ModelList?
    /// Vends per UTC day.
    package var dailyLimit: Int?
    package var rate: RequestRate?
    package var sessionDuration: SessionDuration?

    package init(
        allowed: AddressList? = nil,
        models: ModelList? = nil,
        dailyLimit: Int? = nil,
        rate: RequestRate? = nil,
        sessionDuration: SessionDuration? = nil
    ) {
        self.allowed = allowed
        self.models = models
        self.dailyLimit = dailyLimit
        self.rate = rate
        self.sessionDuration = sessionDuration
    }
}

/// What holds for everybody, and for keys that say nothing else.
package struct ServerTerms: Sendable, Equatable {
    /// Where requests may come from at all.
    package var allowed: AddressList
    package var rate: RequestRate
    /// All keys together; nil is no limit.
    package var totalRate: RequestRate?
    /// Vends per key and UTC day.
    package var dailyLimit: Int
    package var sessionDuration: SessionDuration
    /// Where bearer tokens may be asked for; the first is the usual one.
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
}
