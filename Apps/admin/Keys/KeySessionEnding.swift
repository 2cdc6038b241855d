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

/// Ends what was handed out for keys that were revoked a moment ago.
struct KeySessionEnding: Sendable {
    let desk: Desk
    let store: Store
    let keys: [ListedKey]
    let sessionRoles: SessionRoles
    let aws: AWSOptions

    /// Ends it as far as AWS lets it.
    ///
    /// - Throws: ``Problem`` that says first that the keys are revoked, then what lives and until when, and who can do
    ///   the rest.
    func run(liveUntil: Date?) async throws {
        let settings = SessionSettings(desk)
        do {
            let roles = try sessionRoles.roles(settings, on: desk.terminal)
            settings.tellAssumptions(on: desk)
            guard !roles.isEmpty else {
                return desk.terminal.note(
                    "the server simulates credentials, which AWS doesn't know: nothing to end there"
                )
            }
            if !settings.tagsSessions {
                desk.terminal.note(
                    "sessions carry no tag of their key (\(Setting.sessionTags.environmentName)): all sessions of "
                        + handles.map(\.description).joined(separator: ", ") + " will end"
                )
            }
            let ending = SessionEnding(targets(byKey: settings.tagsSessions), on: roles, desk, store, settings, aws)
            try await ending.deny(try await ending.drop())
        } catch {
            throw SessionEnding.remaining(
                keys.count == 1 ? "the key is revoked" : "the \(keys.count) keys are revoked",
                whose: keys.count == 1 ? "its sessions" : "their sessions",
                until: liveUntil,
                error,
                SessionEnding.Handover(handles, sessionRoles, settings, desk),
                on: desk,
                profile: aws.awsProfile
            )
        }
    }

    private var handles: [Handle] {
        Set(keys.map(\.researcher)).sorted().compactMap { Handle($0) }
    }

    /// By researcher: those keys alone where sessions say which key they are of, else all that the researcher has.
    private func targets(byKey: Bool) -> [SessionEnding.Target] {
        let all = Dictionary(grouping: keys) { $0.researcher }
        return handles.map { handle in
            SessionEnding.Target(handle: handle, keys: byKey ? all[handle.description]?.map(\.id) : nil)
        }
    }
}
