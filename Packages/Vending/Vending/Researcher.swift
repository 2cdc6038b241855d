package import BursarCore

/// A person who may be given credentials.
package struct Researcher: Sendable, Equatable {
    package let handle: Handle
    /// For reports; never in logs or the chain.
    package let name: String
    package let email: String
    /// What usage is accounted to.
    package let project: String

    package init(handle: Handle, name: String, email: String, project: String) {
        self.handle = handle
        self.name = name
        self.email = email
        self.project = project
    }
}
