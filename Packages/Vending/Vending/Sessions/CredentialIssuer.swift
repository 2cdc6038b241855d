package import BursarFoundation
package import BursarModel

/// Where credentials come from: STS, or the simulation that `vending-server dev` runs.
package protocol CredentialIssuer: Sendable {
    func issue(_ request: IssueRequest) async throws(IssuerError) -> SessionCredentials
}

/// What is asked of an issuer.
package struct IssueRequest: Sendable {
    /// The session's name in AWS, so that every call there carries the researcher.
    package let researcher: Handle
    package let project: String
    package let key: KeyID
    package let duration: SessionDuration
    /// When the credentials must stop although AWS's clock or its shortest session would go on: the key's end, where
    /// that comes before the usual session's.
    package let notAfter: Date?
    /// The only models that the session may invoke.
    package let models: ModelList?
    /// Where the key may be used from, if that is limited.
    package let allowed: AddressList?

    package init(to key: KeyRecord, duration: SessionDuration, notAfter: Date?) {
        researcher = key.researcher
        project = key.owner.project
        self.key = key.id
        self.duration = duration
        self.notAfter = notAfter
        models = key.terms.models
        allowed = key.terms.allowed
    }
}

/// Why no credentials came.
package enum IssuerError: Error, Sendable {
    /// Unreachable, slow, throttling or failing: credentials that still live may be served meanwhile.
    case unavailable(cause: String)
    /// A clear no, about permissions or parameters: nothing older may be served either.
    case refused(cause: String)
}
