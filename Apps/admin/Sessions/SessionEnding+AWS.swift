import AWSAuth
import AWSClients
import AWSOperations
import BursarConsole
import BursarFoundation
import BursarModel
import Deployment
import ServerSettings
import Storage

extension SessionEnding {
    /// Performs the steps after the first, in AWS: the check of the roles, the wait, and the policies.
    ///
    /// - Throws: AWS's errors; the first step remains in effect.
    func deny(_ dropped: Dropped) async throws {
        try await context.inAWS(aws) { account in
            var ended = dropped.ended
            let (clock, identity): (ClockSkewEstimate, CallerIdentity)
            if let contact = dropped.contact {
                (clock, identity) = contact
            } else {
                (clock, identity) = try await account.sts().compareClocks()
                ended = try drop(by: clock)
            }
            account.report(identity)
            for role in roles { try role.check(identity) }
            _ = try await read(in: account, by: clock)
            try await waitForRequests()
            try await deny(ended, in: account, by: clock)
            noteLastUse(ended)
        }
    }

    /// Reads the roles, and checks that the policies will fit.
    func read(in account: AWSAccount, by clock: ClockSkewEstimate) async throws -> [RoleDenies] {
        let awsDate = clock.cutoff(after: Date())
        var denies: [RoleDenies] = []
        for name in roles {
            let role = try await RoleDenies(of: name, in: account)
            for target in targets {
                let policy = SessionRevocationPolicy.prefix + target.handle.description
                guard !role.foreign.contains(policy) else { throw RoleDenies.foreign(policy, name) }
                // The keys are known only once the lock is held; naming or exempting all of them takes the most room.
                let keys = try store.lists.keys(of: target.handle)
                let ended = keys.filter { target.keys?.contains($0.id) ?? $0.mayHaveSession(at: context.now) }
                let cut = target.cut(
                    before: awsDate,
                    Set(ended.map(\.id)),
                    retained: target.keys == nil ? [] : Set(keys.map(\.id.description))
                )
                let end = SessionRevocationPolicy(target.handle, cut, matchesSourceIdentity: setsSourceIdentity)
                _ = try role.outdated(toMakeRoomFor: end, at: awsDate)
            }
            denies.append(role)
        }
        return denies
    }

    /// Puts the policies on each role, then deletes outdated ones.
    private func deny(_ ended: [Ended], in account: AWSAccount, by clock: ClockSkewEstimate) async throws {
        for name in roles {
            var role = try await RoleDenies(of: name, in: account)
            for ended in ended {
                try Task.checkCancellation()
                let awsDate = clock.cutoff(after: Date())
                let needed = try role.outdated(toMakeRoomFor: ended.end, at: awsDate)
                if !needed.isEmpty { report(try await role.remove(needed, in: account, at: awsDate), name) }
                try await role.put(ended.end, in: account, at: awsDate)
                context.terminal.note("denied on role \(name.name): \(Self.meaning(ended.end))")
                role = try await RoleDenies(of: name, in: account)
            }
            await tidy(role, except: ended.map(\.end.handle), in: account, at: clock.cutoff(after: Date()))
        }
    }

    /// Deletes policies that have served their purpose; an error is no failure.
    private func tidy(_ role: RoleDenies, except handles: [Handle], in account: AWSAccount, at awsDate: Date) async {
        let outdated = role.ends.filter { !handles.contains($0.handle) && $0.isOutdated(at: awsDate) }
        do {
            report(try await role.remove(outdated, in: account, at: awsDate), role.role)
        } catch {
            let problem = AWSErrorMessages.problem(error, profile: nil)
            context.terminal.warn(
                UserFacingError(
                    "outdated denies stay on role \(role.role.name): \(problem?.problem ?? "")",
                    hint: problem?.hint
                )
            )
        }
    }

    private func report(_ removed: [SessionRevocationPolicy], _ role: RoleName) {
        guard !removed.isEmpty else { return }
        let names = removed.map(\.policyName).joined(separator: ", ")
        context.terminal.note("removed from role \(role.name), since all that they denied is over: \(names)")
    }

    static func meaning(_ end: SessionRevocationPolicy) -> String {
        let scope = end.cuts.last.map(\.scope) ?? ""
        return "\(end.handle)'s sessions issued before \(Timestamp.string(end.before))\(scope) (\(end.policyName))"
    }

    /// Prints the time by which the last of the sessions can have been used.
    private func noteLastUse(_ ended: [Ended]) {
        for line in Self.lastUse(inForceSince: Date(), newestEnd: ended.compactMap(\.sessions.liveUntil).max()) {
            context.terminal.note(line)
        }
    }

    /// Returns two moments, the earlier of which is the latest possible use of a session.
    ///
    /// A deny takes minutes to reach all of AWS; no request reports when it has, so that time is an estimate.
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

    /// AWS guarantees no time; its documentation says minutes.
    private static let usualSpread = Duration.seconds(300)
}

extension SessionRevocationPolicy.Cut {
    /// The keys that it is about, as the end of a sentence; empty if it ends all sessions.
    var scope: String {
        guard !isOfAll else { return "" }
        guard includesHandle else { return ", of " + Self.list(keys.map(\.description).sorted()) }
        return ", less those of " + (sparing.count == 1 ? "1 other key" : "\(sparing.count) other keys")
    }

    private static func list(_ keys: [String]) -> String {
        keys.count == 1 ? "key \(keys[0])" : "keys \(keys.joined(separator: ", "))"
    }
}
