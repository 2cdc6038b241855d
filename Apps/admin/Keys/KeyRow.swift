import BursarConsole
import BursarFoundation
import BursarModel
import Enrollment
import Reports
import Storage
import Vending

/// A row of a list of keys.
struct KeyRow: TableRow {
    static let columns: [Table.Column] = [
        .init("id"), .init("researcher", isElastic: true), .init("project", isElastic: true, isMinor: true),
        .init("label", isElastic: true), .init("state"), .init("expires"), .init("last vend", isMinor: true),
    ]

    let id: String
    let researcher: String
    let project: String
    let label: String?
    let state: String
    let created: String
    /// The key's own expiry.
    let expires: String
    /// The time at which the key stops working.
    let ends: String
    /// True if that is the end of the researcher's stay, which comes sooner.
    let endsWithStay: Bool
    let revoked: String?
    let revokedReason: String?
    let replacedBy: String?
    let vends: Int
    let lastVend: String?
    /// A canary's expiry is far away and meaningless.
    private let isCanary: Bool
    private let shortEnd: String
    private let shortLastVend: String?
    let tones: [String: Table.Tone]

    private enum CodingKeys: CodingKey {
        case id, researcher, project, label, state, created, expires, ends, endsWithStay, revoked, revokedReason,
            replacedBy, vends,
            lastVend
    }

    init(_ key: StoredKey, at date: Date) {
        id = key.id.description
        researcher = key.researcher
        project = key.project
        label = key.label
        let state = key.status(at: date)
        isCanary = state == .canary
        self.state = state.rawValue
        switch state {
        case .revoked: tones = ["state": .bad]
        case .expired, .disabled, .ended: tones = ["state": .faint]
        case .active: tones = key.end.timeIntervalSince(date) < KeyFilter.soon ? ["expires": .notable] : [:]
        case .canary: tones = [:]
        }
        created = Timestamp.string(key.created)
        expires = Timestamp.string(key.expires)
        ends = isCanary ? expires : Timestamp.string(key.end)
        endsWithStay = !isCanary && key.end < key.expires
        revoked = key.revoked.map { Timestamp.string($0) }
        revokedReason = key.revokedReason
        replacedBy = key.replacedBy?.description
        shortEnd = ShortTimestamp.end(key.end, at: date)
        shortLastVend = key.lastVend.map { ShortTimestamp.moment($0, at: date) }
        vends = key.use?.vends ?? 0
        lastVend = key.lastVend.map { Timestamp.string($0) }
    }

    var cells: [String] {
        [id, researcher, project, label ?? "", state, isCanary ? "" : ends, lastVend ?? ""]
    }

    var tableCells: [String] {
        let end = isCanary ? "" : endsWithStay ? shortEnd + " (stay)" : shortEnd
        return [id, researcher, project, label ?? "", state, end, shortLastVend ?? ""]
    }
}

extension ShortTimestamp {
    /// Returns the end of a span.
    ///
    /// A day is the last whole one before `end`, as operators type it.
    static func end(_ end: Date, at now: Date) -> String {
        minute(end, at: now) ?? ExpiryParser.lastDay(before: end)
    }
}
