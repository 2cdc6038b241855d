package import BursarModel

/// What the holder of a key is allowed; nil leaves it to the server's ``ServerTerms``.
package struct KeyRestrictions: Sendable, Equatable {
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
