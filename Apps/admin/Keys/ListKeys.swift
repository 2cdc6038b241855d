import ArgumentParser
import BursarConsole
import BursarFoundation
import BursarModel
import Enrollment
import Reports
import Storage
import Vending

struct ListKeys: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the keys.",
        discussion: """
            `expiring` and `unused` are active keys: those that end within 14 days, and
            those that were never used. A key that was rotated has its successor, so its
            end is no news. `expires` is when a key really ends: with its researcher's
            stay, where that is sooner.

            Examples:
              admin keys list --researcher ada
              admin keys list --expires-within 14d
              admin keys list --project engines --unused-for 60d --format csv
              admin keys list --state revoked --format json
            """
    )

    @OptionGroup var shared: SharedOptions
    @Option(help: "Only this researcher's.", completion: .handles)
    var researcher: String?
    @Option(help: "Only this project's.", completion: .projects)
    var project: String?
    @Option(help: "Only those.")
    var state: KeyFilter.State?
    @Option(help: ArgumentHelp("Active ones that end so soon: 14d.", valueName: "time"))
    var expiresWithin: String?
    @Option(help: ArgumentHelp("Active ones that vended nothing for so long: 60d.", valueName: "time"))
    var unusedFor: String?
    @Option(help: "table, json or csv.")
    var format = ListFormat.table

    func run() throws {
        try shared.run { context in
            let filter = KeyFilter(
                state: state,
                expiresWithin: try span(expiresWithin, .option("--expires-within")),
                unusedFor: try span(unusedFor, .option("--unused-for")),
                now: context.now
            )
            let store = try context.store()
            let handle = try researcher.map { try store.knownResearcher($0, at: context.now).researcher.handle }
            let project = try project.map { try store.knownProject($0) }
            let keys = try store.lists.keys(of: handle, project: project)
            let rows = filter.apply(to: keys).map { KeyRow($0, at: context.now) }
            try RowOutput(
                rows: rows,
                whenEmpty: keys.isEmpty ? "no keys yet: admin keys issue HANDLE" : "no key is like that"
            )
            .print(as: format, on: context.terminal)
        }
    }

    private func span(_ text: String?, _ option: UserFacingError.Place) throws(UserFacingError) -> TimeInterval? {
        guard let text else { return nil }
        return TimeInterval(try DurationParser.read(text, option, hint: "write it as 14d or 12h").seconds)
    }
}

/// The filter of a list of keys.
struct KeyFilter {
    enum State: String, CaseIterable, ExpressibleByArgument {
        case active, expiring, expired, unused, revoked, disabled, ended, canary
    }

    /// The default span of `expiring`.
    static let soon = TimeInterval(14 * 86_400)

    var state: State?
    var expiresWithin: TimeInterval?
    var unusedFor: TimeInterval?
    let now: Date

    /// Returns the matching keys: expiring ones by their expiry, unused ones by their age, all others in their order.
    func apply(to keys: [StoredKey]) -> [StoredKey] {
        let chosen = keys.filter { isChosen($0) }
        if expiresWithin != nil || state == .expiring { return chosen.sorted { $0.end < $1.end } }
        guard unusedFor != nil || state == .unused else { return chosen }
        return chosen.sorted { ($0.lastVend ?? $0.created) < ($1.lastVend ?? $1.created) }
    }

    private func isChosen(_ key: StoredKey) -> Bool {
        let isActive = key.status(at: now) == .active
        if let state {
            switch state {
            case .active: guard isActive else { return false }
            case .expiring: guard isActive, ends(key, within: expiresWithin ?? Self.soon) else { return false }
            case .unused: guard isActive, key.use == nil || unusedFor != nil else { return false }
            default: guard key.status(at: now).rawValue == state.rawValue else { return false }
            }
        }
        // Expired keys and canaries belong in neither list.
        if let expiresWithin, !isActive || !ends(key, within: expiresWithin) { return false }
        guard let unusedFor else { return true }
        return isActive && (key.lastVend ?? key.created) <= now.addingTimeInterval(-unusedFor)
    }

    /// A rotated key has a successor, so its expiry is intended.
    private func ends(_ key: StoredKey, within span: TimeInterval) -> Bool {
        key.replacedBy == nil && key.end <= now.addingTimeInterval(span)
    }
}
