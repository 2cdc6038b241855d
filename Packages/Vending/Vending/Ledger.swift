package import BursarCore

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// Where vends are written down, durably, before the credentials leave.
package protocol Ledger: Sendable {
    /// Returns once the record is on disk.
    func record(_ vend: Vend) async throws(LedgerRefusal)
}

/// One hand-over of credentials, as it is recorded.
package struct Vend: Sendable {
    package let key: KeyID
    /// The row version under which it was decided, and the directory's revision up to which that row was current.
    package let keyVersion: Int64
    package let revision: Int64
    /// The key's end: no vend is recorded from then on, however long ago it was decided.
    package let keyExpires: Date
    package let researcher: Handle
    package let address: String
    package let accessKeyID: String
    package let expiration: Date
    package let requestID: String

    package init(
        key: KeyID,
        keyVersion: Int64,
        revision: Int64,
        keyExpires: Date,
        researcher: Handle,
        address: String,
        accessKeyID: String,
        expiration: Date,
        requestID: String
    ) {
        self.key = key
        self.keyVersion = keyVersion
        self.revision = revision
        self.keyExpires = keyExpires
        self.researcher = researcher
        self.address = address
        self.accessKeyID = accessKeyID
        self.expiration = expiration
        self.requestID = requestID
    }
}

/// Why a vend was not recorded; its credentials must not leave.
package enum LedgerRefusal: Error, Sendable {
    /// The key's row changed, or the key ended, between the decision and the commit.
    case keyChanged
    /// The record can't be made durable now; `cause` is for the log.
    case unavailable(cause: String)
}
