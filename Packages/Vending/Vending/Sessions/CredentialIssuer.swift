package import BursarFoundation
package import BursarModel

/// The source of credentials: STS, or the simulation that `vending-server dev` runs.
package protocol CredentialIssuer: Sendable {
    func issue(_ request: IssueRequest) async throws(IssuerError) -> SessionCredentials
}

/// A request for one session's credentials.
package struct IssueRequest: Sendable {
    package let researcher: Handle
    /// The key's project, which decides on the role.
    package let project: String
    package let key: KeyID
    /// True if another researcher's handle is this one with the key's id.
    package let hasNamesake: Bool
    package let duration: SessionDuration
    /// The moment at which the credentials must stop even though AWS's shortest session would go on: the key's end, if
    /// that comes before the usual session's.
    package let notAfter: Date?
    /// The only models that the session may invoke; nil is all that the role allows.
    package let models: ModelList?
    /// The addresses that the key is limited to; nil is any.
    package let allowed: AddressList?

    package init(to key: KeyRecord, duration: SessionDuration, notAfter: Date?) {
        researcher = key.researcher
        project = key.project
        self.key = key.id
        hasNamesake = key.hasNamesake
        self.duration = duration
        self.notAfter = notAfter
        models = key.terms.models
        allowed = key.terms.allowed
    }
}

/// The reason that no credentials were issued.
package enum IssuerError: Error, Sendable {
    /// AWS is unreachable, slow, throttling or failing: earlier credentials may be served until they expire.
    case unavailable(cause: String)
    /// AWS refuses the permissions or parameters: earlier credentials may not be served either.
    case refused(cause: String)
}

/// The duration to request for a session of a key: the usual one, or until the key's end if that comes first.
package struct SessionLength: Sendable, Equatable {
    package let duration: SessionDuration
    /// The key's end, if it comes before the usual session's: AWS's shortest session would go on.
    package let notAfter: Date?

    /// `standard` is the server's duration; the key's own takes precedence.
    package init(for key: KeyRecord, standard: SessionDuration, at date: Date) {
        let usual = key.terms.sessionDuration ?? standard
        let untilEnd = key.end.timeIntervalSince(date)
        guard untilEnd < TimeInterval(usual.seconds) else {
            (duration, notAfter) = (usual, nil)
            return
        }
        let shortest = SessionDuration.allowed.lowerBound
        // A key that has ended vends nothing, so its length is never used.
        let seconds = Int(max(untilEnd, 0))
        (duration, notAfter) = (SessionDuration(seconds: max(seconds, shortest)) ?? usual, key.end)
    }
}
