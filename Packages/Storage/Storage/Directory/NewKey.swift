package import BursarFoundation
package import BursarModel
package import Vending

/// A key that is to be stored: everything but the secret.
package struct NewKey: Sendable {
    package let id: KeyID
    package let hash: PasswordHash
    package let researcher: Handle
    package let label: String?
    package let expires: Date
    package let terms: KeyRestrictions
    /// Whether it never vends, and its use is an alarm.
    package let isCanary: Bool

    package init(
        id: KeyID,
        hash: PasswordHash,
        researcher: Handle,
        label: String? = nil,
        expires: Date,
        terms: KeyRestrictions = KeyRestrictions(),
        isCanary: Bool = false
    ) {
        self.id = id
        self.hash = hash
        self.researcher = researcher
        self.label = label
        self.expires = expires
        self.terms = terms
        self.isCanary = isCanary
    }
}
