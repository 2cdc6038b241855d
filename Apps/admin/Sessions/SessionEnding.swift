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

/// Ends sessions that AWS has issued, which it can't take back: the server hands them out no more, requests to STS that
/// are under way are waited out, and then a policy denies everything that was issued until then.
///
/// In this order nothing slips between: what the server issued before the first step is older than the policy's moment,
/// and what it issues after the last is younger. In between it issues nothing to that researcher.
struct SessionEnding {
    struct Target {
        let handle: Handle
        /// nil is all of the researcher's.
        let keys: [KeyID]?
    }

    let desk: Desk
    let store: Store
    let clock: ClockComparison
    /// Whether the policies look at SourceIdentity too.
    let setsSourceIdentity: Bool

    /// One researcher's, ready to be denied.
    struct Ended {
        let sessions: EndedSessions
        let end: SessionEnd
    }

    /// The first two steps: after them no session can turn up that was issued before the moment.
    ///
    /// - Throws: ``Problem`` when it is stopped; the first step is done then.
    func end(_ targets: [Target], _ interruption: Interruption) async throws -> [Ended] {
        let wait = isServed ? SessionRequest.longest : .zero
        let clock = clock
        var done: [Ended] = []
        for target in targets {
            let sessions = try store.endSessions(of: target.handle, keys: target.keys, by: desk.act) {
                // The moment lies after the wait, so that it can be written down before it.
                clock.local(from: clock.cutoff(after: Date().addingTimeInterval(wait / .seconds(1))))
            }
            guard let sessions, let handle = Handle(sessions.researcher) else {
                throw Problem("\(target.handle) is gone")
            }
            let cut = SessionEnd.Cut(before: clock.cutoff(reachedBy: sessions.validFrom), sparing: sessions.spared)
            done.append(
                Ended(
                    sessions: sessions,
                    end: SessionEnd(handle, cut, matchesSourceIdentity: setsSourceIdentity)
                )
            )
            desk.terminal.note("the server hands out no session of \(handle)'s that it has\(Self.keys(target.keys))")
        }
        guard wait > .zero else { return done }
        let seconds = Int(wait / .seconds(1))
        desk.terminal.note("waiting \(seconds) s for requests to STS that may be under way")
        try await Waiting(what: "waiting", interruption: interruption).wait(until: .now + wait)
        guard !interruption.isRequested else {
            throw Problem(
                "stopped: the server hands the old sessions out no more, but AWS still takes them",
                hint: "run the same command again: it goes on"
            )
        }
        return done
    }

    /// Whether a server may have asked for sessions that nobody has yet.
    ///
    /// The kernel says so, not the server; where even that can't be told, one has to be assumed.
    private var isServed: Bool {
        do {
            return try ServerPresence.server(on: desk.databasePath) != nil
        } catch {
            return true
        }
    }

    static func keys(_ keys: [KeyID]?) -> String {
        guard let keys else { return "" }
        return " for \(keys.map(\.description).joined(separator: ", "))"
    }
}
<<<<<<< HEAD

// MARK: In AWS

extension SessionEnding {
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
        let now = Timestamp.string(Date())
        desk.terminal.note("in force since \(now); AWS takes a few minutes to apply it everywhere")
        guard let last = ended.compactMap(\.sessions.liveUntil).max() else {
            return desk.terminal.note("by the records none of them was alive any more")
        }
        desk.terminal.note(
            "the last of them can have been used until then; by themselves they would have ended at \(Timestamp.string(last))"
        )
    }
}
=======
>>>>>>> 5d4e1cd4631f9e39dd40d405d47309c20cc43ade
