import ArgumentParser
import BursarConsole
import BursarFoundation
import Storage

/// Which keys a list is of.
struct KeyFilter {
    enum State: String, CaseIterable, ExpressibleByArgument {
        case active, expiring, expired, unused, revoked, disabled, ended, canary
    }

    /// What `expiring` means, unless it is said.
    static let soon = TimeInterval(14 * 86_400)

    var state: State?
    var expiresWithin: TimeInterval?
    var unusedFor: TimeInterval?
    let now: Date

    /// The keys that are meant; those that end soon by their end, unused ones by how long they are, all others as they
    /// came.
    func apply(to keys: [ListedKey]) -> [ListedKey] {
        let chosen = keys.filter { isChosen($0) }
        if expiresWithin != nil || state == .expiring { return chosen.sorted { $0.end < $1.end } }
        guard unusedFor != nil || state == .unused else { return chosen }
        return chosen.sorted { ($0.lastVend ?? $0.created) < ($1.lastVend ?? $1.created) }
    }

    private func isChosen(_ key: ListedKey) -> Bool {
        let isActive = key.state(at: now) == .active
        if let state {
            switch state {
            case .active: guard isActive else { return false }
            case .expiring: guard isActive, ends(key, within: expiresWithin ?? Self.soon) else { return false }
            case .unused: guard isActive, key.use == nil || unusedFor != nil else { return false }
            default: guard key.state(at: now).rawValue == state.rawValue else { return false }
            }
        }
        // What has ended or never vends isn't news in either list.
        if let expiresWithin, !isActive || !ends(key, within: expiresWithin) { return false }
        guard let unusedFor else { return true }
        return isActive && (key.lastVend ?? key.created) <= now.addingTimeInterval(-unusedFor)
    }

    /// A key that was rotated has a successor: its end is what somebody wanted.
    private func ends(_ key: ListedKey, within span: TimeInterval) -> Bool {
        key.replacedBy == nil && key.end <= now.addingTimeInterval(span)
    }
}
