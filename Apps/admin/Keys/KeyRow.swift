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
    /// A canary's end is far away and means nothing.
    private let isCanary: Bool

    private enum CodingKeys: CodingKey {
        case id, researcher, project, label, state, created, expires, revoked, revokedReason, replacedBy, vends,
            lastVend
    }

    init(_ key: ListedKey, at date: Date) {
        id = key.id.description
        researcher = key.researcher
        project = key.project
        label = key.label
        let state = key.state(at: date)
        isCanary = state == .canary
        self.state = state.rawValue
        created = Timestamp.string(key.created)
        expires = Timestamp.string(key.expires)
        revoked = key.revoked.map { Timestamp.string($0) }
        revokedReason = key.revokedReason
        replacedBy = key.replacedBy?.description
        vends = key.use?.vends ?? 0
        lastVend = key.lastVend.map { Timestamp.string($0) }
    }

    var cells: [String] { [id, researcher, project, label ?? "-", state, isCanary ? "-" : expires, lastVend ?? "-"] }
}
