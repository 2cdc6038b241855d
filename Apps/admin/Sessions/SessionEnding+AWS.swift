import AWSAuth
import BursarCore
import Console
import ServerSettings
import Storage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension SessionEnding {
    /// By AWS's clock, in the account that has the roles; says as whom it acts.
    ///
    /// - Throws: ``Problem`` when a role is of another account.
    init(_ desk: Desk, _ store: Store, _ view: ServerView, on roles: [RoleName], in account: AWSAccount) async throws {
        let (clock, identity) = try await account.sts().compareClocks()
        account.tell(identity)
        for role in roles { try role.check(identity) }
        self.init(desk: desk, store: store, clock: clock, setsSourceIdentity: view.role.setsSourceIdentity)
    }

    /// All three steps, which signals may end between any two of them.
    func run(_ targets: [Target], on roles: [RoleName], in account: AWSAccount) async throws {
        try await Signals.asWish { interruption in
            let ended = try await end(targets, interruption)
            try await deny(ended, on: roles, in: account, interruption)
            tellLastUse(ended)
        }
    }

    /// Now, by AWS's clock.
    private var awsDate: Date { clock.cutoff(after: Date()) }

    /// Reads the roles, and makes sure that what comes can be done, before anything is.
    func read(_ names: [RoleName], for targets: [Target], in account: AWSAccount) async throws -> [RoleDenies] {
        var roles: [RoleDenies] = []
        for name in names {
            let role = try await RoleDenies(of: name, in: account)
            for target in targets {
                let policy = SessionEnd.prefix + target.handle.description
                guard !role.foreign.contains(policy) else { throw RoleDenies.foreign(policy, name) }
                // Which keys are spared is told once the lock is held; all that there are take most room.
                let spared = target.keys == nil ? [] : try store.keys(of: target.handle).map(\.id.description)
                let cut = SessionEnd.Cut(before: awsDate, sparing: Set(spared))
                let end = SessionEnd(target.handle, cut, matchesSourceIdentity: setsSourceIdentity)
                _ = try outdated(toMakeRoomFor: end, on: role)
            }
            roles.append(role)
        }
        return roles
    }

    /// What has to go first; none while there is room.
    ///
    /// - Throws: ``Problem`` when there is no room even so.
    private func outdated(toMakeRoomFor end: SessionEnd, on role: RoleDenies) throws -> [SessionEnd] {
        let whole = role.end(of: end.handle).map { end.joined(with: $0, at: awsDate) } ?? end
        if try role.room(with: whole) >= 0 { return [] }
        let outdated = role.outdated(at: awsDate, except: end.handle)
        let room = try role.room(with: whole, without: outdated)
        guard room >= 0 else { throw RoleDenies.full(role.role, lacking: -room) }
        return outdated
    }

    /// The third step, on each role; then what is outdated there is taken away.
    ///
    /// - Throws: what AWS has against it, after it was said how things stand.
    func deny(_ ended: [Ended], on names: [RoleName], in account: AWSAccount, _ interruption: Interruption) async throws
    {
        do {
            for name in names {
                var role = try await RoleDenies(of: name, in: account)
                for ended in ended {
                    if interruption.isRequested { throw Problem("stopped before all of it was denied in AWS") }
                    let needed = try outdated(toMakeRoomFor: ended.end, on: role)
                    if !needed.isEmpty {
                        tell(try await role.remove(needed, in: account, at: awsDate), name)
                    }
                    try await role.put(ended.end, in: account, at: awsDate)
                    desk.terminal.note("denied on role \(name.name): \(Self.meaning(ended.end))")
                    role = try await RoleDenies(of: name, in: account)
                }
                await tidy(role, except: ended.map(\.end.handle), in: account)
            }
        } catch {
            desk.terminal.note("the server hands the old sessions out no more, but AWS may still take them")
            desk.terminal.note("run the same command again: it goes on, and does nothing twice")
            throw error
        }
    }

    /// Takes away what has done its work; that it can't is no reason to fail.
    private func tidy(_ role: RoleDenies, except handles: [Handle], in account: AWSAccount) async {
        let outdated = role.ends.filter { !handles.contains($0.handle) && $0.isOutdated(at: awsDate) }
        do {
            tell(try await role.remove(outdated, in: account, at: awsDate), role.role)
        } catch {
            let problem = AWSWording.problem(error, profile: nil)
            desk.terminal.warn(
                Problem(
                    "outdated denies stay on role \(role.role.name): \(problem?.problem ?? "")",
                    hint: problem?.hint
                )
            )
        }
    }

    private func tell(_ removed: [SessionEnd], _ role: RoleName) {
        guard !removed.isEmpty else { return }
        let names = removed.map(\.policyName).joined(separator: ", ")
        desk.terminal.note("removed from role \(role.name), since all that they denied is over: \(names)")
    }

    static func meaning(_ end: SessionEnd) -> String {
        let keys = end.cuts.last.map(\.sparing.count) ?? 0
        let less = keys == 0 ? "" : ", less those of \(keys == 1 ? "1 other key" : "\(keys) other keys")"
        return "\(end.handle)'s sessions issued before \(Timestamp.string(end.before))\(less) (\(end.policyName))"
    }

    /// When the last of them can have been used.
    func tellLastUse(_ ended: [Ended]) {
        for line in Self.lastUse(inForceSince: Date(), newestEnd: ended.compactMap(\.sessions.liveUntil).max()) {
            desk.terminal.note(line)
        }
    }

    /// The two moments, of which the earlier is the last that a session can have been used at.
    ///
    /// A deny takes minutes to reach everywhere in AWS; no call tells when it has, so the time until then is a guess.
    static func lastUse(inForceSince start: Date, newestEnd: Date?) -> [String] {
        let inForce = "in force since \(Timestamp.string(start)) (UTC)"
        guard let newestEnd, newestEnd > start else {
            let end = newestEnd.map { "; the newest ended by itself at \(Timestamp.string($0))" } ?? ""
            return [inForce, "by the records none of them was alive any more\(end)"]
        }
        let spread = min(start.addingTimeInterval(usualSpread / .seconds(1)), newestEnd)
        return [
            inForce,
            "the last of them can have been used at about \(Timestamp.string(spread)): that plus the "
                + "\(Int(usualSpread / .seconds(60))) minutes that AWS usually needs to spread it, which nothing proves",
            "at the latest at \(Timestamp.string(newestEnd)), when the newest ends by itself",
        ]
    }

    /// AWS promises no time; its pages say minutes.
    private static let usualSpread = Duration.seconds(300)
}
