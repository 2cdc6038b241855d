package import BursarFoundation
package import BursarModel

/// A person who may be given credentials.
package struct Researcher: Sendable, Equatable {
    package let handle: Handle
    /// For reports; never in logs or the chain.
    package let name: String
    package let email: String
    /// The project of their new keys, unless one is named.
    package let project: String
    /// The person responsible for them.
    package let sponsor: String?
    package let note: String?
    /// The end of their stay, after which none of their keys works.
    package let ends: Date?

    package init(
        handle: Handle,
        name: String,
        email: String,
        project: String,
        sponsor: String? = nil,
        note: String? = nil,
        ends: Date? = nil
    ) {
        self.handle = handle
        self.name = name
        self.email = email
        self.project = project
        self.sponsor = sponsor
        self.note = note
        self.ends = ends
    }
}
