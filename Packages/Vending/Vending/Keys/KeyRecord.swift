package import BursarFoundation
package import BursarModel

/// A key as it is stored: everything but the secret.
///
/// A class, since each request hands it on a dozen times.
package final class KeyRecord: Sendable {
    package let id: KeyID
    package let owner: ResearcherStatus
    package let hash: PasswordHash
    package let expires: Date
    package let revoked: Date?
    package let terms: KeyRestrictions
    /// Whether it was only made to be found by whoever steals it: it never vends, and its use is an alarm.
    package let isCanary: Bool
    /// Rises with every change of the row or of its researcher, so that what was decided under an older one is void.
    package let version: Int64

    package init(
        id: KeyID,
        owner: ResearcherStatus,
        hash: PasswordHash,
        expires: Date,
        revoked: Date?,
        terms: KeyRestrictions = KeyRestrictions(),
        isCanary: Bool = false,
        version: Int64
    ) {
        self.id = id
        self.owner = owner
        self.hash = hash
        self.expires = expires
        self.revoked = revoked
        self.terms = terms
        self.isCanary = isCanary
        self.version = version
    }

    package var researcher: Handle { owner.handle }

    /// When nothing is vended any more: the key's end, or its researcher's.
    package var end: Date { min(expires, owner.ends ?? .distantFuture) }

    /// Why the key may not be used at `date`, or nil when it may.
    package func refusal(at date: Date) -> ErrorCode? {
        if isCanary { return .keyInvalid }
        if revoked != nil { return .keyRevoked }
        if expires <= date { return .keyExpired }
        if owner.disabled != nil || owner.ends.map({ $0 <= date }) == true { return .researcherDisabled }
        return nil
    }
}

/// Whose key it is, as far as the decision goes: no name, no address.
package struct ResearcherStatus: Sendable, Equatable {
    package let handle: Handle
    package let project: String
    package let disabled: Date?
    /// When the researcher's stay ends.
    package let ends: Date?
    /// Sessions issued before are not handed out any more.
    package let sessionsValidFrom: Date?
    /// Whether `admin selftest` made them: their vends are on record, and in no report.
    package let isSelftest: Bool

    package init(
        handle: Handle,
        project: String,
        disabled: Date? = nil,
        ends: Date? = nil,
        sessionsValidFrom: Date? = nil,
        isSelftest: Bool = false
    ) {
        self.handle = handle
        self.project = project
        self.disabled = disabled
        self.ends = ends
        self.sessionsValidFrom = sessionsValidFrom
        self.isSelftest = isSelftest
    }
}
