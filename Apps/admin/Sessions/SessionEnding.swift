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
