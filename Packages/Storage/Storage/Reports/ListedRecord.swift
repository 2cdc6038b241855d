package import BursarFoundation
package import BursarModel
import GRDB

/// A record as lists show it.
package struct ListedRecord: Sendable, Equatable {
    package let sequence: Int64
    package let kind: String
    package let date: Date
    package let researcher: String?
    package let key: String?
    package let address: String?
    package let accessKeyID: String?
    /// When the vended credentials or the key end.
    package let expires: Date?
    package let requestID: String?
    package let reason: String?
    /// Who did it, as far as their machine said.
    package let actor: String?
    package let detail: String?
}

/// Which records are asked for; nil asks nothing.
package struct RecordFilter: Sendable, Equatable {
    package var since: Date?
    /// Up to, without it.
    package var until: Date?
    /// A user on any host, or `user@host`.
    package var actor: String?
    package var researcher: Handle?
    /// The first characters of a key's id.
    package var key: String?
    /// Where it was asked from.
    package var address: CIDRBlock?
    /// Any of these; empty is any at all.
    package var kinds: [String] = []
    /// Only what operators did.
    package var isActionsOnly = false

    package init() {}

    /// Every kind of record there is.
    package static var allKinds: [String] { RecordEntry.Kind.allCases.map(\.rawValue) }

    /// Whether the index of records that are neither vends nor refusals leads to all that is asked for.
    var usesActionIndex: Bool {
        let others = [RecordEntry.Kind.vend, .refusal].map(\.rawValue)
        return isActionsOnly || actor != nil || (!kinds.isEmpty && !kinds.contains { others.contains($0) })
    }

    /// Whether some records of a stretch are left out, so that many may have to be read for a few.
    package var isSelective: Bool {
        !usesActionIndex && (researcher != nil || key != nil || address != nil || !kinds.isEmpty)
    }
}

extension ListedRecord {
    init(_ row: Row) {
        self.init(
            sequence: row["sequence"],
            kind: row["kind"],
            date: Date(milliseconds: row["occurred_at"]),
            researcher: row["researcher"],
            key: row["key_id"],
            address: row["address"],
            accessKeyID: row["access_key_id"],
            expires: (row["expires_at"] as Int64?).map(Date.init(milliseconds:)),
            requestID: row["request_id"],
            reason: row["reason"],
            actor: row["actor"],
            detail: row["detail"]
        )
    }
}
