import BursarCore
import Console
import Storage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A key as lists show it.
struct KeyRow: Listed {
    static let columns: [Table.Column] = [
        .init("id"), .init("researcher", isElastic: true), .init("project", isElastic: true),
        .init("label", isElastic: true), .init("state"), .init("expires"), .init("last vend"),
    ]

    let id: String
    let researcher: String
    let project: String
    let label: String?
    let state: String
    let created: String
    let expires: String
    let revoked: String?
    let revokedReason: String?
    let replacedBy: String?
    let vends: Int
    let lastVend: String?

    init(_ key: ListedKey, at date: Date) {
        id = key.id.description
        researcher = key.researcher
        project = key.project
        label = key.label
        state = key.state(at: date).rawValue
        created = Timestamp.string(key.created)
        expires = Timestamp.string(key.expires)
        revoked = key.revoked.map { Timestamp.string($0) }
        revokedReason = key.revokedReason
        replacedBy = key.replacedBy?.description
        vends = key.use?.vends ?? 0
        lastVend = key.lastVend.map { Timestamp.string($0) }
    }

    var cells: [String] { [id, researcher, project, label ?? "-", state, expires, lastVend ?? "-"] }
}
