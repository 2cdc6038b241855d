package import BursarCore

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// A key as it is stored: everything but the secret.
package struct KeyRecord: Sendable {
    package let id: KeyID
    package let researcher: Handle
    package let hash: PasswordHash
    package let expires: Date
    package let revoked: Date?
    package let researcherDisabled: Date?
    /// Rises with every change of the row or of its researcher, so that what was decided under an older one is void.
    package let version: Int64

    package init(
        id: KeyID,
        researcher: Handle,
        hash: PasswordHash,
        expires: Date,
        revoked: Date?,
        researcherDisabled: Date?,
        version: Int64
    ) {
        self.id = id
        self.researcher = researcher
        self.hash = hash
        self.expires = expires
        self.revoked = revoked
        self.researcherDisabled = researcherDisabled
        self.version = version
    }

    /// Why the key may not be used at `date`, or nil when it may.
    package func refusal(at date: Date) -> RefusalCode? {
        if revoked != nil { return .keyRevoked }
        if expires <= date { return .keyExpired }
        if researcherDisabled != nil { return .researcherDisabled }
        return nil
    }
}
