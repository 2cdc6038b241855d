package import BursarFoundation
package import BursarModel

/// Where vends are written down, durably, before the credentials leave.
package protocol AuditLog: Sendable {
    /// Returns once the record is on disk, with what its key has used on that day.
    func record(_ vend: Vend) async throws(AuditLogError) -> DailyUsage

    /// What the record says of a key's use on a day.
    func use(of key: KeyID, on day: UTCDay) async throws -> DailyUsage
}

/// One hand-over of credentials, as it is recorded.
package struct Vend: Sendable {
    package let key: KeyRecord
    /// The directory's revision up to which the key's row was current.
    package let revision: Int64
    /// Vends that the key may have on the day of the commit.
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

/// What the caller is given of a session.
package enum CredentialForm: Sendable, Equatable {
    case credentials
    /// A Bedrock bearer token for one region.
    case token(region: String)
}

/// Why a vend was not recorded; its credentials must not leave.
package enum AuditLogError: Error, Sendable {
    /// The key's row changed, or the key ended, between the decision and the commit.
    case keyChanged
    case quotaExhausted(DailyUsage)
    /// The operator has stopped all vending.
    case paused
    /// The record can't be made durable now; `cause` is for the log.
    case unavailable(cause: String)
}
