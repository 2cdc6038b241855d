package import BursarFoundation
package import BursarModel

/// The durable log of vends, written before the credentials are handed out.
package protocol AuditLog: Sendable {
    /// Records a vend; returns once the record is on disk, with the key's use on that day.
    func record(_ vend: Vend) async throws(AuditLogError) -> DailyUsage

    /// Returns the recorded use of a key on a day.
    func use(of key: KeyID, on day: UTCDay) async throws -> DailyUsage
}

/// One vend, as it is recorded.
package struct Vend: Sendable {
    package let key: KeyRecord
    /// The directory revision at which the key's row was last known to be current.
    package let revision: Int64
    /// The key's limit of vends on the day of the commit.
    package let dailyLimit: Int
    package let address: IPAddress
    package let accessKeyID: String
    package let expiration: Date
    package let form: CredentialForm
    package let requestID: String

    package init(
        key: KeyRecord,
        revision: Int64,
        dailyLimit: Int,
        address: IPAddress,
        accessKeyID: String,
        expiration: Date,
        form: CredentialForm = .credentials,
        requestID: String
    ) {
        self.key = key
        self.revision = revision
        self.dailyLimit = dailyLimit
        self.address = address
        self.accessKeyID = accessKeyID
        self.expiration = expiration
        self.form = form
        self.requestID = requestID
    }
}

/// The form in which the caller receives a session.
package enum CredentialForm: Sendable, Equatable {
    case credentials
    /// A Bedrock bearer token for one region.
    case token(region: String)
}

/// The reason that a vend was not recorded; its credentials must not be handed out.
package enum AuditLogError: Error, Sendable {
    /// The key's row changed, or the key ended, between the decision and the commit.
    case keyChanged
    case quotaExhausted(DailyUsage)
    /// The operator has stopped all vending.
    case paused
    /// The record can't be written to disk now; `cause` is for the log.
    case unavailable(cause: String)
}
