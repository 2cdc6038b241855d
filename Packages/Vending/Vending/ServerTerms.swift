package import BursarModel

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
